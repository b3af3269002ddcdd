use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::ChecksumAlgorithm;

use crate::convert::required;

super::over_sdk!(
    UploadPart,
    |clients, request| clients
        .s3()
        .upload_part()
        .bucket(&request.bucket)
        .key(&request.key)
        .upload_id(&request.upload)
        .part_number(i32::from(request.number))
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .checksum_sha256(&request.checksum)
        .body(ByteStream::new(SdkBody::from(request.data.clone()))),
    |output| required(OPERATION, "ETag", output.e_tag.as_deref())
);
