super::over_sdk!(
    RestoreImageFromRecycleBin,
    |clients, request| clients.ec2().restore_image_from_recycle_bin().image_id(request.image.as_str()),
    |_output| Ok(())
);
