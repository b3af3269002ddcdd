use super::launchers::{of_image, page};

super::over_sdk!(
    DescribeSpotInstanceRequests,
    |clients, request| clients
        .ec2()
        .describe_spot_instance_requests()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.spot_instance_requests, output.next_token, |item| {
        let image = item.launch_specification.and_then(|specification| specification.image_id);
        of_image(
            item.spot_instance_request_id,
            item.state.as_ref().map(aws_sdk_ec2::types::SpotInstanceState::as_str),
            image,
        )
    }))
);
