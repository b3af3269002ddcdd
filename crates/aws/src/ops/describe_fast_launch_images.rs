use super::launchers::{of_image, page, template};

super::over_sdk!(
    DescribeFastLaunchImages,
    |clients, request| clients
        .ec2()
        .describe_fast_launch_images()
        .max_results(200)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.fast_launch_images, output.next_token, |item| {
        let template = item.launch_template.and_then(|used| {
            template(used.launch_template_id, used.launch_template_name, used.version, "launch template")
        });
        let state = item.state.as_ref().map(aws_sdk_ec2::types::FastLaunchStateCode::as_str);
        let mut launcher = of_image(item.image_id.clone(), state, item.image_id);
        launcher.templates.extend(template);
        launcher
    }))
);
