use aws_sdk_ebs::types::Tag;

use crate::convert::required;

super::over_sdk!(
    StartSnapshot,
    |clients, request| {
        let tags: Vec<Tag> =
            request.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        clients
            .ebs()
            .start_snapshot()
            .volume_size(i64::from(request.size_gib))
            .set_description(request.description.clone())
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_encrypted((request.encrypted || request.kms_key.is_some()).then_some(true))
            .set_kms_key_arn(request.kms_key.clone())
            .timeout(i32::try_from(request.timeout_minutes).unwrap_or(i32::MAX))
            .client_token(&request.client_token)
    },
    |output| required(OPERATION, "SnapshotId", output.snapshot_id.as_deref())
);
