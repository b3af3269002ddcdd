use amictl_model::{ImageId, Moment};

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeImageUsageReports`.
#[derive(Debug)]
pub struct DescribeImageUsageReports;

/// One page of the reports on some images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfImagesRequest {
    /// `ImageIds`, up to 200; all when empty.
    pub images: Vec<ImageId>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A page of reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImageUsageReportsReply {
    /// `ImageUsageReports`.
    pub reports: Vec<ImageUsageReport>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUsageReport {
    /// `ReportId`.
    pub id: String,
    /// `ImageId`.
    pub image: ImageId,
    /// `State`: `pending`, `available` or `error`.
    pub state: String,
    /// `StateReason`.
    pub reason: Option<String>,
    /// `CreationTime`.
    pub created_at: Option<Moment>,
    /// Whether it was made of some accounts or resource types only (`AccountIds`, `ResourceTypes`).
    pub is_partial: bool,
}

impl Operation for DescribeImageUsageReports {
    type Request = OfImagesRequest;
    type Reply = DescribeImageUsageReportsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageUsageReports");
}

paged!(DescribeImageUsageReports);
