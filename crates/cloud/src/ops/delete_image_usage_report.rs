use crate::{Operation, OperationSpec, Service};

/// EC2 `DeleteImageUsageReport`.
#[derive(Debug)]
pub struct DeleteImageUsageReport;

/// The report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteImageUsageReportRequest {
    /// `ReportId`.
    pub report: String,
}

impl Operation for DeleteImageUsageReport {
    type Request = DeleteImageUsageReportRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteImageUsageReport");
}
