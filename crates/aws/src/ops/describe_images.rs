use amictl_cloud::ops::DescribeImagesReply;
use aws_sdk_ec2::types::Filter;

use crate::convert;

super::over_sdk!(
    DescribeImages,
    |clients, request| {
        let call = clients
            .ec2()
            .describe_images()
            .owners("self")
            .include_deprecated(true)
            .include_disabled(true)
            .max_results(1000)
            .set_next_token(request.next_token.clone());
        if request.images.is_empty() {
            call
        } else {
            let ids = request.images.iter().map(ToString::to_string).collect();
            call.filters(Filter::builder().name("image-id").set_values(Some(ids)).build())
        }
    },
    |output| Ok(DescribeImagesReply {
        images: output
            .images
            .unwrap_or_default()
            .into_iter()
            .map(|image| convert::image(OPERATION, image))
            .collect::<Result<_, _>>()?,
        next_token: output.next_token,
    })
);
