use aws_sdk_ec2::types::TargetStorageTier;

super::over_sdk!(
    ModifySnapshotTier,
    |clients, request| clients
        .ec2()
        .modify_snapshot_tier()
        .snapshot_id(request.snapshot.as_str())
        .storage_tier(TargetStorageTier::Archive),
    |_output| Ok(())
);
