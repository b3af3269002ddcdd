use amictl_cloud::ops::{DeleteSnapshotResult, DeregisterImageReply, SnapshotReturnCode};

use crate::convert::required;

super::over_sdk!(
    DeregisterImage,
    |clients, request| clients
        .ec2()
        .deregister_image()
        .image_id(request.image.as_str())
        .set_delete_associated_snapshots(request.delete_snapshots.then_some(true)),
    |output| {
        let snapshots = output.delete_snapshot_results.map(|results| {
            results
                .into_iter()
                .map(|result| {
                    Ok(DeleteSnapshotResult {
                        snapshot: required(OPERATION, "SnapshotId", result.snapshot_id.as_deref())?,
                        code: SnapshotReturnCode::from_wire(
                            result.return_code.as_ref().map_or("", |code| code.as_str()),
                        ),
                    })
                })
                .collect::<Result<Vec<_>, amictl_cloud::CloudError>>()
        });
        // The image is deregistered whatever the list says: one that cannot be read is one that is not known.
        Ok(DeregisterImageReply { snapshots: snapshots.and_then(Result::ok) })
    }
);
