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

/// A volume, as far as snapshots are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// `VolumeId`.
    pub id: String,
    /// `State`, such as `in-use`.
    pub state: String,
    /// `SnapshotId`: what it was made from.
    pub snapshot: Option<String>,
    /// `Size` in GiB.
    pub size_gib: u32,
}

impl Operation for DescribeVolumes {
    type Request = AllRequest;
    type Reply = DescribeVolumesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumes");
}

paged!(DescribeVolumes);
