use amictl_cloud::CloudError;
use amictl_cloud::ops::{DescribeImageUsageReportEntriesReply, ImageUsageEntry};

use crate::convert::required;

super::over_sdk!(
    DescribeImageUsageReportEntries,
    |clients, request| clients
        .ec2()
        .describe_image_usage_report_entries()
        .set_report_ids(Some(request.reports.clone()))
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeImageUsageReportEntriesReply {
        entries: output
            .image_usage_report_entries
            .unwrap_or_default()
            .into_iter()
            .map(|entry| Ok(ImageUsageEntry {
                report: entry.report_id.unwrap_or_default(),
                image: required(OPERATION, "ImageId", entry.image_id.as_deref())?,
                account: entry.account_id.unwrap_or_default(),
                resource_type: entry.resource_type.unwrap_or_default(),
                // A count that cannot be told is some.
                count: entry.usage_count.and_then(|count| u64::try_from(count).ok()).unwrap_or(1),
            }))
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
