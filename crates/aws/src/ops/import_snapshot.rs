use aws_sdk_ec2::types::{SnapshotDiskContainer, UserBucket};

use crate::convert::required;

super::over_sdk!(
    ImportSnapshot,
    |clients, request| {
        let place = UserBucket::builder().s3_bucket(&request.bucket).s3_key(&request.key).build();
        let disk = SnapshotDiskContainer::builder()
            .format(&request.format)
            .set_description(request.description.clone())
            .user_bucket(place)
            .build();
        clients
            .ec2()
            .import_snapshot()
            .disk_container(disk)
            .set_description(request.description.clone())
            .set_encrypted((request.encrypted || request.kms_key.is_some()).then_some(true))
            .set_kms_key_id(request.kms_key.clone())
            .client_token(&request.client_token)
    },
    |output| required(OPERATION, "ImportTaskId", output.import_task_id.as_deref())
);
