super::over_sdk!(
    DeleteVolume,
    |clients, request| clients.ec2().delete_volume().volume_id(request.volume.as_str()),
    |_output| Ok(())
);
