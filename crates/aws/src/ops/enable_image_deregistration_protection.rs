super::over_sdk!(
    EnableImageDeregistrationProtection,
    |clients, request| clients
        .ec2()
        .enable_image_deregistration_protection()
        .image_id(request.image.as_str())
        .with_cooldown(request.with_cooldown),
    |_output| Ok(())
);
