use super::launchers::{of_image, page};

super::over_sdk!(
    DescribeInstanceImageMetadata,
    |clients, request| clients
        .ec2()
        .describe_instance_image_metadata()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.instance_image_metadata, output.next_token, |item| {
        let state = item.state.and_then(|state| state.name);
        let image = item.image_metadata.and_then(|image| image.image_id);
        of_image(item.instance_id, state.as_ref().map(aws_sdk_ec2::types::InstanceStateName::as_str), image)
    }))
);
