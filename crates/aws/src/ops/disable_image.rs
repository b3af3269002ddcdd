super::over_sdk!(
    DisableImage,
    |clients, request| clients.ec2().disable_image().image_id(request.image.as_str()),
    |_output| Ok(())
);
