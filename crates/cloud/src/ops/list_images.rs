use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Image Builder `ListImages`: the versions of images, not their builds.
#[derive(Debug)]
pub struct ListImages;

/// One page of the versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListImagesRequest {
    /// `owner`: those that other accounts share (`Shared`) instead of the account's own (`Self`).
    pub shared: bool,
    /// `nextToken`; pages of 25.
    pub next_token: Option<String>,
}

/// A page of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListImagesReply {
    /// `imageVersionList[].arn`, such as `arn:aws:imagebuilder:us-east-1:123456789012:image/web/1.2.3`.
    pub arns: Vec<String>,
    /// `nextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListImages {
    type Request = ListImagesRequest;
    type Reply = ListImagesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::ImageBuilder, "ListImages");
}

paged!(ListImages);
