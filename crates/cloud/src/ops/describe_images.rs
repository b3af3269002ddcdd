use std::collections::BTreeMap;

use amictl_model::{Image, ImageId};

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeImages` of the account's own images, with `IncludeDeprecated` and `IncludeDisabled`.
#[derive(Debug)]
pub struct DescribeImages;

/// Which images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImagesRequest {
    /// `Filters[image-id]`, at most 200: ids that are gone are simply not in the reply. Empty: all own images.
    ///
    /// A filter, because `ImageIds` fails whole when one id is gone.
    pub images: Vec<ImageId>,
    /// `Filters[name]`: only images of these names.
    pub names: Vec<String>,
    /// `Filters[source-instance-id]`: only what was made of these instances.
    pub instances: Vec<String>,
    /// `Filters[root-device-type]`: only instance-store images.
    pub only_instance_store: bool,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImagesReply {
    /// `Images`; their launch permissions are unread.
    pub images: Vec<Image>,
    /// `StateReason.Message` of those that have one. Text from outside.
    pub reasons: BTreeMap<ImageId, String>,
    /// `NextToken`; a page may be empty and still carry one.
    pub next_token: Option<String>,
}

impl Operation for DescribeImages {
    type Request = DescribeImagesRequest;
    type Reply = DescribeImagesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImages");
}

paged!(DescribeImages);
