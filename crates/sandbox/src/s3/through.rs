//! From what `s3s` has read through the gate into the world, and back.

use std::marker::PhantomData;
use std::sync::PoisonError;

use amictl_cloud::{OperationSpec, Service};
use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode, S3Response, S3Result};

use super::door::Travel;
use super::service::Door;
use crate::ops::images::store_image_task::write_stored_images;
use crate::ops::{Ctx, Op};
use crate::sandbox::Outcome;
use crate::wire::{Body, Json, Params, Reply};
use crate::world::s3::Bucket;
use crate::{Fault, World};

/// Declares the operations by name.
macro_rules! operations {
    ($($effect:ident { $($name:ident),+ $(,)? })+) => {
        $($(
            /// The operation of this name.
            pub(crate) struct $name;

            impl Declared for $name {
                const SPEC: OperationSpec = OperationSpec::$effect(Service::S3, stringify!($name));
            }
        )+)+
    };
}

/// An operation's declaration.
pub(crate) trait Declared: 'static {
    /// Its declaration.
    const SPEC: OperationSpec;
}

operations! {
    read {
        GetBucketLocation, GetBucketVersioning, GetObject, GetObjectTagging, HeadBucket, HeadObject, ListBuckets,
        ListMultipartUploads, ListObjects, ListObjectsV2, ListObjectVersions, ListParts,
    }
    mutating {
        AbortMultipartUpload, CompleteMultipartUpload, CopyObject, CreateBucket, CreateMultipartUpload, DeleteBucket,
        DeleteObject, DeleteObjects, DeleteObjectTagging, PutBucketVersioning, PutObject, PutObjectTagging, UploadPart,
        UploadPartCopy,
    }
}

/// What an operation does, once its request was read.
pub(crate) type Act<T> = Box<dyn FnOnce(&mut World, &Ctx) -> Result<T, Fault> + Send>;

/// An operation that `s3s` reads and answers, as the gate wants operations.
pub(crate) struct Through<D, T>(PhantomData<(D, T)>);

/// A reply that `s3s` writes.
pub(crate) struct Answer<T>(pub(crate) T);

impl<T> Reply for Answer<T> {
    fn into_body(self) -> Body {
        Body::Json(Json::ok(serde_json::Value::Null))
    }
}

impl<D: Declared, T: Send + 'static> Op for Through<D, T> {
    const SPEC: OperationSpec = D::SPEC;
    type Input = Act<T>;
    type Output = Answer<T>;

    fn further_actions(_: &Act<T>) -> Vec<&'static str> {
        if ["CopyObject", "UploadPartCopy"].contains(&D::SPEC.name) { vec!["s3:GetObject"] } else { Vec::new() }
    }

    fn decode(_: &Params) -> Result<Act<T>, Fault> {
        Err(refused(S3ErrorCode::NotImplemented, "S3 is spoken to at its own paths."))
    }

    fn run(world: &mut World, ctx: &Ctx, act: Act<T>) -> Result<Answer<T>, Fault> {
        // The object of a stored image appears when its task has ended.
        write_stored_images(world, ctx);
        act(world, ctx).map(Answer)
    }
}

impl Door {
    /// Carries out an operation.
    pub(super) fn call<D: Declared, T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut World, &Ctx) -> Result<T, Fault> + Send + 'static,
    ) -> S3Result<S3Response<T>> {
        let ended = self.sandbox.run::<Through<D, T>>(&self.caller, Box::new(act));
        let (travel, answer) = match ended.outcome {
            Outcome::Reply(Answer(output)) => {
                (Travel::Arrives { delay: ended.delay, is_truncated: ended.is_truncated }, Ok(S3Response::new(output)))
            }
            Outcome::Fault(fault) => (Travel::default(), Err(error_of(fault))),
            Outcome::Reset => (Travel::Reset, Err(S3Error::new(S3ErrorCode::InternalError))),
            Outcome::Silence => (Travel::Silence, Err(S3Error::new(S3ErrorCode::InternalError))),
        };
        *self.travel.lock().unwrap_or_else(PoisonError::into_inner) = travel;
        answer
    }
}

/// A fault as `s3s` writes it.
pub(super) fn error_of(fault: Fault) -> S3Error {
    let code = S3ErrorCode::from_bytes(fault.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(code, fault.message);
    if let Ok(status) = StatusCode::from_u16(fault.status) {
        error.set_status_code(status);
    }
    error
}

/// A fault with S3's own status for this code.
#[expect(clippy::needless_pass_by_value, reason = "a code is a name at every call")]
pub(super) fn refused(code: S3ErrorCode, message: impl Into<String>) -> Fault {
    let status = code.status_code().map_or(400, |status| status.as_u16());
    Fault { code: code.as_str().to_owned().into(), message: message.into(), status }
}

/// The caller's bucket.
pub(super) fn own<'a>(world: &'a World, ctx: &Ctx, name: &str) -> Result<&'a Bucket, Fault> {
    match world.s3.bucket(name) {
        Some(bucket) if bucket.owner == ctx.account => Ok(bucket),
        Some(_) => Err(refused(S3ErrorCode::AccessDenied, "Access Denied")),
        None => Err(refused(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist")),
    }
}

/// The caller's bucket, to change it.
pub(super) fn own_mut<'a>(world: &'a mut World, ctx: &Ctx, name: &str) -> Result<&'a mut Bucket, Fault> {
    own(world, ctx, name)?;
    world.s3.bucket_mut(name).ok_or_else(|| refused(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist"))
}

/// A key that is not there.
pub(super) fn no_key() -> Fault {
    refused(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
}
