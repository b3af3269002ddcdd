super::over_sdk!(
    EnableImage,
    |clients, request| clients.ec2().enable_image().image_id(request.image.as_str()),
    |_output| Ok(())
);
