super::over_sdk!(
    ModifyLaunchTemplate,
    |clients, request| clients
        .ec2()
        .modify_launch_template()
        .launch_template_id(&request.template_id)
        .default_version(request.default_version.to_string()),
    |_output| Ok(())
);
