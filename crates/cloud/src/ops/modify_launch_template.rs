use crate::{Operation, OperationSpec, Service};

/// EC2 `ModifyLaunchTemplate`: which version is the default one.
#[derive(Debug)]
pub struct ModifyLaunchTemplate;

/// The template and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifyLaunchTemplateRequest {
    /// `LaunchTemplateId`.
    pub template_id: String,
    /// `SetDefaultVersion`.
    pub default_version: u64,
}

impl Operation for ModifyLaunchTemplate {
    type Request = ModifyLaunchTemplateRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyLaunchTemplate");
}
