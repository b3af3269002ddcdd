use amictl_model::{Grantee, ImageId};

use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeImageAttribute` of `launchPermission`, the only source of launch permissions: one image a call.
#[derive(Debug)]
pub struct DescribeLaunchPermissions;

/// The image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeLaunchPermissionsRequest {
    /// `ImageId`.
    pub image: ImageId,
}

impl Operation for DescribeLaunchPermissions {
    type Request = DescribeLaunchPermissionsRequest;
    type Reply = Vec<Grantee>;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageAttribute");
}
