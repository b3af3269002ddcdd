//! The operations of S3 as `s3s` hands them over.

use std::sync::{Arc, Mutex};

use s3s::dto;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::door::Travel;
use super::read::whole_body;
use super::{buckets, listing, objects, read, tagging, through, uploads, versions};
use crate::world::s3::Blob;
use crate::{Caller, Sandbox};

/// A caller before the world.
pub(super) struct Door {
    pub(super) sandbox: Sandbox,
    pub(super) caller: Caller,
    /// How the gate wants the answer to travel.
    pub(super) travel: Arc<Mutex<Travel>>,
}

/// Writes the methods that only pass their input on.
macro_rules! passed_on {
    ($($method:ident $operation:ident($input:ident) -> $output:ident: |$world:ident, $ctx:ident, $asked:ident| $act:expr;)+) => {
        #[async_trait::async_trait]
        impl S3 for Door {
            async fn put_object(
                &self,
                mut request: S3Request<dto::PutObjectInput>,
            ) -> S3Result<S3Response<dto::PutObjectOutput>> {
                let body = Blob::from(whole_body(request.input.body.take()).await?);
                self.call::<through::PutObject, _>(move |world, ctx| objects::put(world, ctx, request.input, body))
            }

            async fn upload_part(
                &self,
                mut request: S3Request<dto::UploadPartInput>,
            ) -> S3Result<S3Response<dto::UploadPartOutput>> {
                let body = Blob::from(whole_body(request.input.body.take()).await?);
                self.call::<through::UploadPart, _>(move |world, ctx| uploads::part(world, ctx, request.input, body))
            }

            $(async fn $method(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                let $asked = request.input;
                self.call::<through::$operation, _>(move |$world, $ctx| $act)
            })+
        }
    };
}

passed_on! {
    create_bucket CreateBucket(CreateBucketInput) -> CreateBucketOutput: |world, ctx, input| buckets::create(world, ctx, input);
    delete_bucket DeleteBucket(DeleteBucketInput) -> DeleteBucketOutput: |world, ctx, input| buckets::delete(world, ctx, &input.bucket);
    head_bucket HeadBucket(HeadBucketInput) -> HeadBucketOutput: |world, ctx, input| buckets::head(world, ctx, &input.bucket);
    list_buckets ListBuckets(ListBucketsInput) -> ListBucketsOutput: |world, ctx, input| buckets::list(world, ctx, input);
    get_bucket_location GetBucketLocation(GetBucketLocationInput) -> GetBucketLocationOutput: |world, ctx, input| buckets::location(world, ctx, &input.bucket);
    get_bucket_versioning GetBucketVersioning(GetBucketVersioningInput) -> GetBucketVersioningOutput: |world, ctx, input| buckets::versioning(world, ctx, &input.bucket);
    put_bucket_versioning PutBucketVersioning(PutBucketVersioningInput) -> PutBucketVersioningOutput: |world, ctx, input| buckets::set_versioning(world, ctx, &input);
    get_object GetObject(GetObjectInput) -> GetObjectOutput: |world, ctx, input| read::get(world, ctx, input);
    head_object HeadObject(HeadObjectInput) -> HeadObjectOutput: |world, ctx, input| read::head(world, ctx, input);
    copy_object CopyObject(CopyObjectInput) -> CopyObjectOutput: |world, ctx, input| objects::copy(world, ctx, input);
    delete_object DeleteObject(DeleteObjectInput) -> DeleteObjectOutput: |world, ctx, input| objects::delete(world, ctx, &input);
    delete_objects DeleteObjects(DeleteObjectsInput) -> DeleteObjectsOutput: |world, ctx, input| objects::delete_many(world, ctx, input);
    get_object_tagging GetObjectTagging(GetObjectTaggingInput) -> GetObjectTaggingOutput: |world, ctx, input| tagging::get(world, ctx, &input);
    put_object_tagging PutObjectTagging(PutObjectTaggingInput) -> PutObjectTaggingOutput: |world, ctx, input| tagging::put(world, ctx, input);
    delete_object_tagging DeleteObjectTagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput: |world, ctx, input| tagging::delete(world, ctx, &input);
    list_objects ListObjects(ListObjectsInput) -> ListObjectsOutput: |world, ctx, input| listing::list(world, ctx, &input);
    list_objects_v2 ListObjectsV2(ListObjectsV2Input) -> ListObjectsV2Output: |world, ctx, input| listing::list_v2(world, ctx, &input);
    list_object_versions ListObjectVersions(ListObjectVersionsInput) -> ListObjectVersionsOutput: |world, ctx, input| versions::list(world, ctx, &input);
    create_multipart_upload CreateMultipartUpload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput: |world, ctx, input| uploads::create(world, ctx, input);
    upload_part_copy UploadPartCopy(UploadPartCopyInput) -> UploadPartCopyOutput: |world, ctx, input| uploads::part_copy(world, ctx, &input);
    complete_multipart_upload CompleteMultipartUpload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput: |world, ctx, input| uploads::complete(world, ctx, input);
    abort_multipart_upload AbortMultipartUpload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput: |world, ctx, input| uploads::abort(world, ctx, &input);
    list_parts ListParts(ListPartsInput) -> ListPartsOutput: |world, ctx, input| uploads::parts(world, ctx, input);
    list_multipart_uploads ListMultipartUploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput: |world, ctx, input| uploads::list(world, ctx, &input);
}
