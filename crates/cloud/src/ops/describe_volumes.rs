use amictl_model::{Volume, VolumeId};

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeVolumes` with `IncludeManagedResources`.
#[derive(Debug)]
pub struct DescribeVolumes;

/// Which volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeVolumesRequest {
    /// `Filters[volume-id]`, at most 200: ids that are gone are simply not in the reply. Empty: all volumes.
    pub volumes: Vec<VolumeId>,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeVolumesReply {
    /// `Volumes`.
    pub volumes: Vec<Volume>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeVolumes {
    type Request = DescribeVolumesRequest;
    type Reply = DescribeVolumesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumes");
}

paged!(DescribeVolumes);
