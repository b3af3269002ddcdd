use amictl_cloud::ops::{ListPartsReply, UploadedPart};

super::over_sdk!(
    ListParts,
    |clients, request| clients
        .s3()
        .list_parts()
        .bucket(&request.bucket)
        .key(&request.key)
        .upload_id(&request.upload)
        .set_part_number_marker(request.next_token.clone()),
    |output| {
        let parts = output.parts.unwrap_or_default().into_iter().map(|part| UploadedPart {
            number: part.part_number.and_then(|number| u16::try_from(number).ok()).unwrap_or_default(),
            etag: part.e_tag.unwrap_or_default(),
            checksum: part.checksum_sha256.unwrap_or_default(),
        });
        let next_token = output.next_part_number_marker.filter(|_| output.is_truncated == Some(true));
        Ok(ListPartsReply { parts: parts.collect(), next_token })
    }
);
