use amictl_model::{ImageId, Tags};

use crate::{Operation, OperationSpec, Service};

/// EC2 `CreateImage` of an instance: the image is `pending` at first. There is no client token; a name serves one image only.
#[derive(Debug)]
pub struct CreateImage;

/// The instance, and what the image is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateImageRequest {
    /// `InstanceId`.
    pub instance: String,
    /// `Name`.
    pub name: String,
    /// `Description`.
    pub description: Option<String>,
    /// `NoReboot`, which is always sent: without it EC2 reboots the instance.
    pub no_reboot: bool,
    /// `BlockDeviceMapping` with `NoDevice`: the device names of volumes that are left out.
    pub exclude_devices: Vec<String>,
    /// `TagSpecification` of the image and of its snapshots alike.
    pub tags: Tags,
}

impl Operation for CreateImage {
    type Request = CreateImageRequest;
    /// `ImageId`.
    type Reply = ImageId;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateImage").also_needs(&["ec2:CreateTags"]);
}
