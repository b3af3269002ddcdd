super::over_sdk!(
    RestoreSnapshotTier,
    |clients, request| clients
        .ec2()
        .restore_snapshot_tier()
        .snapshot_id(request.snapshot.as_str())
        .permanent_restore(true),
    |_output| Ok(())
);
