use amictl_cloud::ops::USAGE_VERSION_DEPTH;
use aws_sdk_ec2::types::{ImageUsageResourceTypeOptionRequest, ImageUsageResourceTypeRequest};

use crate::convert::garbled;

/// Instances, and launch templates as deep as AWS takes.
fn types() -> Vec<ImageUsageResourceTypeRequest> {
    let depth = ImageUsageResourceTypeOptionRequest::builder()
        .option_name("version-depth")
        .option_values(USAGE_VERSION_DEPTH.to_string())
        .build();
    let of = |kind: &str| ImageUsageResourceTypeRequest::builder().resource_type(kind);
    vec![of("ec2:Instance").build(), of("ec2:LaunchTemplate").resource_type_options(depth).build()]
}

super::over_sdk!(
    CreateImageUsageReport,
    |clients, request| clients
        .ec2()
        .create_image_usage_report()
        .image_id(request.image.as_str())
        .client_token(&request.client_token)
        .set_resource_types(Some(types())),
    |output| output.report_id.ok_or_else(|| garbled(OPERATION, "ReportId is missing"))
);
