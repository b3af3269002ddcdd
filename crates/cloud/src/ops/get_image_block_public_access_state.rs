use super::RegionSetting;
use crate::{Operation, OperationSpec, Service};

/// EC2 `GetImageBlockPublicAccessState`: whether images can be made public (`unblocked`, `block-new-sharing`).
#[derive(Debug)]
pub struct GetImageBlockPublicAccessState;

/// No parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetImageBlockPublicAccessStateRequest {}

impl Operation for GetImageBlockPublicAccessState {
    type Request = GetImageBlockPublicAccessStateRequest;
    type Reply = RegionSetting;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetImageBlockPublicAccessState");
}
