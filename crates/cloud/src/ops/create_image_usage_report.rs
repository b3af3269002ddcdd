use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `CreateImageUsageReport`: how many instances and launch templates of other accounts use an image. It changes nothing but the
/// list of reports.
#[derive(Debug)]
pub struct CreateImageUsageReport;

/// The image to report on, for all accounts and resource types, templates to a version depth of 10,000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateImageUsageReportRequest {
    /// `ImageId`.
    pub image: ImageId,
    /// `ClientToken`: the same one makes no second report.
    pub client_token: String,
}

impl Operation for CreateImageUsageReport {
    type Request = CreateImageUsageReportRequest;
    /// `ReportId`.
    type Reply = String;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateImageUsageReport");
}
