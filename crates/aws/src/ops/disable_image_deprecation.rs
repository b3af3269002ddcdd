super::over_sdk!(
    DisableImageDeprecation,
    |clients, request| clients.ec2().disable_image_deprecation().image_id(request.image.as_str()),
    |_output| Ok(())
);
