use amictl_cloud::CloudError;
use amictl_cloud::ops::{DescribeImageUsageReportsReply, ImageUsageReport};
use aws_sdk_ec2::types;

use crate::convert::{required, time};

super::over_sdk!(
    DescribeImageUsageReports,
    |clients, request| clients
        .ec2()
        .describe_image_usage_reports()
        .set_image_ids(
            Some(request.images.iter().map(ToString::to_string).collect()).filter(|ids: &Vec<_>| !ids.is_empty())
        )
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeImageUsageReportsReply {
        reports: output
            .image_usage_reports
            .unwrap_or_default()
            .into_iter()
            .map(|shown| report(OPERATION, shown))
            .collect::<Result<_, _>>()?,
        next_token: output.next_token,
    })
);

fn report(operation: &'static str, report: types::ImageUsageReport) -> Result<ImageUsageReport, CloudError> {
    let kinds = report.resource_types.unwrap_or_default();
    let has = |wanted: &str| kinds.iter().any(|kind| kind.resource_type.as_deref() == Some(wanted));
    Ok(ImageUsageReport {
        id: report.report_id.unwrap_or_default(),
        image: required(operation, "ImageId", report.image_id.as_deref())?,
        state: report.state.unwrap_or_default(),
        reason: report.state_reason,
        created_at: time(report.creation_time),
        is_partial: report.account_ids.is_some_and(|accounts| !accounts.is_empty())
            || !(has("ec2:Instance") && has("ec2:LaunchTemplate")),
    })
}
