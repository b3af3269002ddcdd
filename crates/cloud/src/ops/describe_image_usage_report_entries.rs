use amictl_model::ImageId;

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeImageUsageReportEntries`.
#[derive(Debug)]
pub struct DescribeImageUsageReportEntries;

/// One page of the entries of some reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfReportsRequest {
    /// `ReportIds`, up to 200.
    pub reports: Vec<String>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A page of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImageUsageReportEntriesReply {
    /// `ImageUsageReportEntries`.
    pub entries: Vec<ImageUsageEntry>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// How much another account uses an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUsageEntry {
    /// `ReportId`.
    pub report: String,
    /// `ImageId`.
    pub image: ImageId,
    /// `AccountId`.
    pub account: String,
    /// `ResourceType`, such as `ec2:Instance`.
    pub resource_type: String,
    /// `UsageCount`.
    pub count: u64,
}

impl Operation for DescribeImageUsageReportEntries {
    type Request = OfReportsRequest;
    type Reply = DescribeImageUsageReportEntriesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageUsageReportEntries");
}

paged!(DescribeImageUsageReportEntries);
