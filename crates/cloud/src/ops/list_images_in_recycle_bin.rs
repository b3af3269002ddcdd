use amictl_model::BinnedImage;

use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EC2 `ListImagesInRecycleBin`; which snapshots an image there has is not told.
#[derive(Debug)]
pub struct ListImagesInRecycleBin;

/// A page of images in the Recycle Bin; pages of 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListImagesInRecycleBinReply {
    /// `Images`.
    pub images: Vec<BinnedImage>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListImagesInRecycleBin {
    type Request = AllRequest;
    type Reply = ListImagesInRecycleBinReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "ListImagesInRecycleBin");
}

paged!(ListImagesInRecycleBin);
