use amictl_model::BinnedVolume;

use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EC2 `ListVolumesInRecycleBin`.
#[derive(Debug)]
pub struct ListVolumesInRecycleBin;

/// A page of volumes in the Recycle Bin; pages of 500.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListVolumesInRecycleBinReply {
    /// `Volumes`.
    pub volumes: Vec<BinnedVolume>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListVolumesInRecycleBin {
    type Request = AllRequest;
    type Reply = ListVolumesInRecycleBinReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "ListVolumesInRecycleBin");
}

paged!(ListVolumesInRecycleBin);
