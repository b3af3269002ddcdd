use aws_smithy_types::DateTime;

super::over_sdk!(
    EnableImageDeprecation,
    |clients, request| {
        let at = DateTime::from_millis(request.at.as_millis());
        clients.ec2().enable_image_deprecation().image_id(request.image.as_str()).deprecate_at(at)
    },
    |_output| Ok(())
);
