super::over_sdk!(
    DisableImageDeregistrationProtection,
    |clients, request| clients.ec2().disable_image_deregistration_protection().image_id(request.image.as_str()),
    |_output| Ok(())
);
