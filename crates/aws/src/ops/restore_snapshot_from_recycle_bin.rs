super::over_sdk!(
    RestoreSnapshotFromRecycleBin,
    |clients, request| clients.ec2().restore_snapshot_from_recycle_bin().snapshot_id(request.snapshot.as_str()),
    |_output| Ok(())
);
