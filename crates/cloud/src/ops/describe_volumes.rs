use amictl_model::Volume;

use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeVolumes` with `IncludeManagedResources`.
#[derive(Debug)]
pub struct DescribeVolumes;

/// A page of volumes; pages of 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeVolumesReply {
    /// `Volumes`.
    pub volumes: Vec<Volume>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeVolumes {
    type Request = AllRequest;
    type Reply = DescribeVolumesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumes");
}

paged!(DescribeVolumes);
