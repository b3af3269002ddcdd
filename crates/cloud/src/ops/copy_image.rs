use amictl_model::{ImageId, Region, Tags};

use crate::{Operation, OperationSpec, Service};

/// EC2 `CopyImage`, called in the Region that the copy is to be in: the copy is `pending` at first, and is shared with nobody.
#[derive(Debug)]
pub struct CopyImage;

/// What to copy, and what the copy is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyImageRequest {
    /// `SourceImageId`.
    pub source: ImageId,
    /// `SourceRegion`.
    pub source_region: Region,
    /// `Name`; EC2 lets copies of the same name be.
    pub name: String,
    /// `Description`.
    pub description: Option<String>,
    /// `Encrypted`: with the account's default key, unless there is another.
    pub encrypted: bool,
    /// `KmsKeyId`, which implies encryption; EC2 looks at the key only while it copies.
    pub kms_key: Option<String>,
    /// `CopyImageTags`: those of its owner go with an image, those that AWS has set do not.
    pub copy_tags: bool,
    /// `TagSpecification` of the copy and of its snapshots alike.
    pub tags: Tags,
    /// `SnapshotCopyCompletionDurationMinutes`: a time-based copy, in steps of 15 up to 2,880; it costs more by the GiB.
    pub within_minutes: Option<u16>,
    /// `ClientToken`: the same one makes no second copy.
    pub client_token: String,
}

impl Operation for CopyImage {
    type Request = CopyImageRequest;
    /// `ImageId` of the copy.
    type Reply = ImageId;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CopyImage").also_needs(&["ec2:CreateTags"]);
}
