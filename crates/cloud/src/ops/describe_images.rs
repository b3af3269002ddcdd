use std::collections::BTreeMap;

use amictl_model::{Image, ImageId, SnapshotId};

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeImages`, of the account's own images unless said otherwise; with `IncludeDisabled`, and with `IncludeDeprecated` where the
/// images are its own or named by their ids.
#[derive(Debug)]
pub struct DescribeImages;

/// Which images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImagesRequest {
    /// `Filters[image-id]`, at most 200: ids that are gone are simply not in the reply. Empty: all own images.
    ///
    /// A filter, because `ImageIds` fails whole when one id is gone.
    pub images: Vec<ImageId>,
    /// `Filters[name]`: only images of these names, in which `*` and `?` stand for any characters and for one.
    pub names: Vec<String>,
    /// `Filters[source-instance-id]`: only what was made of these instances.
    pub instances: Vec<String>,
    /// `Filters[block-device-mapping.snapshot-id]`: only images of these snapshots.
    pub snapshots: Vec<SnapshotId>,
    /// `Filters[root-device-type]`: only instance-store images.
    pub only_instance_store: bool,
    /// `Filters[state]`: only images that are `pending`.
    pub only_pending: bool,
    /// Whose images.
    pub owners: ImageOwners,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// Whose images are asked for (`Owners`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ImageOwners {
    /// The account's own.
    #[default]
    Own,
    /// Anybody's that the account may launch.
    Any,
    /// These: accounts, `self`, `amazon`, `aws-marketplace`, `aws-backup-vault`.
    Of(Vec<String>),
}

impl DescribeImagesRequest {
    /// `Owners`; nothing for anybody's.
    #[must_use]
    pub fn owners(&self) -> Vec<String> {
        match &self.owners {
            ImageOwners::Own => vec!["self".to_owned()],
            ImageOwners::Any => Vec::new(),
            ImageOwners::Of(owners) => owners.clone(),
        }
    }

    /// `IncludeDeprecated`.
    #[must_use]
    pub fn includes_deprecated(&self) -> bool {
        self.owners == ImageOwners::Own || !self.images.is_empty()
    }
}

/// A page of images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImagesReply {
    /// `Images`; their launch permissions are unread.
    pub images: Vec<Image>,
    /// `StateReason.Message` of those that have one. Text from outside.
    pub reasons: BTreeMap<ImageId, String>,
    /// `ProductCodes` of those that have any.
    pub product_codes: BTreeMap<ImageId, Vec<String>>,
    /// `NextToken`; a page may be empty and still carry one.
    pub next_token: Option<String>,
}

impl Operation for DescribeImages {
    type Request = DescribeImagesRequest;
    type Reply = DescribeImagesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImages");
}

paged!(DescribeImages);
