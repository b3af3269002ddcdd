use amictl_model::Region;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeRegions` with `AllRegions`.
#[derive(Debug)]
pub struct DescribeRegions;

/// All Regions of the partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeRegionsRequest {}

/// A Region and whether the account has enabled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionStatus {
    /// `RegionName`.
    pub region: Region,
    /// `OptInStatus` is not `not-opted-in`.
    pub enabled: bool,
}

impl Operation for DescribeRegions {
    type Request = DescribeRegionsRequest;
    type Reply = Vec<RegionStatus>;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeRegions");
}
