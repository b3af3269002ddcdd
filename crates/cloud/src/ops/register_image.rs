use amictl_model::{ImageId, NewDevice, NewImageTraits, Tags};

use crate::{Operation, OperationSpec, Service};

/// EC2 `RegisterImage` of snapshots, or of a bundle in S3: the image is `pending` at first.
///
/// There is no client token; a name serves one image only.
#[derive(Debug)]
pub struct RegisterImage;

/// What is registered, and as what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterImageRequest {
    /// `Name`.
    pub name: String,
    /// `Description`.
    pub description: Option<String>,
    /// `ImageLocation`: bucket and key of a manifest, for an instance-store image.
    pub location: Option<String>,
    /// `RootDeviceName`, for an EBS-backed one.
    pub root_device: Option<String>,
    /// `BlockDeviceMapping`.
    pub devices: Vec<NewDevice>,
    /// What its instances are like.
    pub traits: NewImageTraits,
    /// `TagSpecification` of the image: EC2 refuses those of anything else.
    pub tags: Tags,
}

impl Operation for RegisterImage {
    type Request = RegisterImageRequest;
    /// `ImageId`.
    type Reply = ImageId;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RegisterImage").also_needs(&["ec2:CreateTags"]);
}
