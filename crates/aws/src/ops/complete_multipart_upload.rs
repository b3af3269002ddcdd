use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

super::over_sdk!(
    CompleteMultipartUpload,
    |clients, request| {
        let parts = request.parts.iter().map(|part| {
            let checksum = (!part.checksum.is_empty()).then(|| part.checksum.clone());
            let number = i32::from(part.number);
            CompletedPart::builder().part_number(number).e_tag(&part.etag).set_checksum_sha256(checksum).build()
        });
        clients
            .s3()
            .complete_multipart_upload()
            .bucket(&request.bucket)
            .key(&request.key)
            .upload_id(&request.upload)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build())
    },
    |output| {
        let _ = output;
        Ok(())
    }
);
