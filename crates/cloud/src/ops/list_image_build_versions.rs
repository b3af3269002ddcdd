use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Image Builder `ListImageBuildVersions`: the builds of one version of an image.
#[derive(Debug)]
pub struct ListImageBuildVersions;

/// One page of the builds of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListImageBuildVersionsRequest {
    /// `imageVersionArn`.
    pub version_arn: String,
    /// `nextToken`; pages of 25.
    pub next_token: Option<String>,
}

/// A page of builds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListImageBuildVersionsReply {
    /// `imageSummaryList`.
    pub builds: Vec<ImageBuild>,
    /// `nextToken`.
    pub next_token: Option<String>,
}

/// A build of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageBuild {
    /// `arn`, which ends in the number of the build.
    pub arn: String,
    /// `state.status`, such as `AVAILABLE`.
    pub status: String,
    /// `outputResources.amis`: Region and image id.
    pub amis: Vec<(String, String)>,
}

impl Operation for ListImageBuildVersions {
    type Request = ListImageBuildVersionsRequest;
    type Reply = ListImageBuildVersionsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::ImageBuilder, "ListImageBuildVersions");
}

paged!(ListImageBuildVersions);
