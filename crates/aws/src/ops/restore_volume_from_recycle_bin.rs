super::over_sdk!(
    RestoreVolumeFromRecycleBin,
    |clients, request| clients.ec2().restore_volume_from_recycle_bin().volume_id(request.volume.as_str()),
    |_output| Ok(())
);
