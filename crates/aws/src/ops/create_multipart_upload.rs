use aws_sdk_s3::types::ChecksumAlgorithm;

use crate::convert::required;

super::over_sdk!(
    CreateMultipartUpload,
    |clients, request| clients
        .s3()
        .create_multipart_upload()
        .bucket(&request.bucket)
        .key(&request.key)
        .checksum_algorithm(ChecksumAlgorithm::Sha256),
    |output| required(OPERATION, "UploadId", output.upload_id.as_deref())
);
