use crate::{Operation, OperationSpec, Service};

/// EC2 `CreateLaunchTemplateVersion`: a version like another one, with another image.
#[derive(Debug)]
pub struct CreateLaunchTemplateVersion;

/// The template, and what is to differ from the version that it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateLaunchTemplateVersionRequest {
    /// `LaunchTemplateId`.
    pub template_id: String,
    /// `SourceVersion`: everything that is not said otherwise is as there.
    pub source_version: u64,
    /// `VersionDescription`, up to 255 characters.
    pub description: Option<String>,
    /// `LaunchTemplateData.ImageId`: an image's id or `resolve:ssm:…`.
    pub image: String,
    /// `ClientToken`: however many requests with it make one version.
    pub client_token: String,
}

impl Operation for CreateLaunchTemplateVersion {
    type Request = CreateLaunchTemplateVersionRequest;
    /// `VersionNumber`.
    type Reply = u64;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateLaunchTemplateVersion");
}
