use crate::{Operation, OperationSpec, Service};

/// EC2 `GetAllowedImagesSettings`: whether images that are not on the account's list are hidden from `DescribeImages`.
#[derive(Debug)]
pub struct GetAllowedImagesSettings;

/// No parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAllowedImagesSettingsRequest {}

/// A setting of the account in the Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RegionSetting {
    /// `State` or `ImageBlockPublicAccessState`, as AWS writes it.
    pub state: String,
    /// `ManagedBy`: `account` or `declarative-policy`.
    pub managed_by: Option<String>,
}

impl Operation for GetAllowedImagesSettings {
    type Request = GetAllowedImagesSettingsRequest;
    type Reply = RegionSetting;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetAllowedImagesSettings").dispensable();
}
