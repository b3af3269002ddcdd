//! A disk in a file that is to become a snapshot.

use amictl_model::{Moment, Tags};
use compact_str::format_compact;
use serde::{Deserialize, Serialize};

use crate::Target;
use crate::change::is_false;

/// The tag by which a snapshot says what was imported: see [`Importing::content`].
pub const CONTENT_TAG: &str = "amictl:content";

/// The tag by which a snapshot says which key was asked for, where one was: `DescribeSnapshots` is not asked about keys.
pub const KEY_TAG: &str = "amictl:kms-key";

/// A disk that is to be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Importing {
    /// The file, as an absolute path. Text from outside.
    pub disk: Box<str>,
    /// What the file holds.
    pub format: DiskFormat,
    /// How it gets there.
    #[serde(default)]
    pub via: Via,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was last written to, where the file system says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<Moment>,
    /// `sha256:` and the digest of the format, the size and every block with its place: the same disk is not imported twice.
    pub content: Box<str>,
    /// The blocks that hold anything but zeros, which are those that are sent.
    pub blocks: u32,
    /// SHA-256, as Base64, of the checksums of these blocks one after the other.
    pub checksum: Box<str>,
    /// `VolumeSize` of the snapshot; 0 where only EC2 can tell, as it reads the format.
    pub size_gib: u32,
    /// How the snapshot is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// Tags of the snapshot, beside the one of its content.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Whether it is encrypted, also where the account does not encrypt by default.
    #[serde(default, skip_serializing_if = "is_false")]
    pub encrypted: bool,
    /// The key that it is encrypted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Box<str>>,
    /// `ClientToken`, by which there is no second snapshot or task: of this plan and step, set where the plan is made.
    #[serde(default)]
    pub client_token: Box<str>,
    /// How long the step waits until the snapshot is completed, once all is sent.
    pub wait_seconds: u64,
}

impl Importing {
    /// The file as what the step is about.
    #[must_use]
    pub fn source(&self) -> Target {
        Target::File(format_compact!("file://{}", self.disk))
    }

    /// All tags of the snapshot.
    #[must_use]
    pub fn all_tags(&self) -> Tags {
        let content = Some((CONTENT_TAG.to_owned(), self.content.to_string()));
        let key = self.kms_key.as_ref().map(|key| (KEY_TAG.to_owned(), key.to_string()));
        let tags = self.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        tags.chain(content).chain(key).collect()
    }

    /// Whether it must be encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted || self.kms_key.is_some()
    }
}

/// How a disk gets to AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Block by block, by the EBS direct APIs: a raw disk.
    #[default]
    Ebs,
    /// As an object, of which `ImportSnapshot` makes a snapshot.
    S3 {
        /// The bucket, in the Region of the snapshot.
        bucket: Box<str>,
        /// The key, which says what the object holds.
        key: Box<str>,
    },
}

/// What a file with a disk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskFormat {
    /// The bytes of the disk, from the first to the last.
    Raw,
    /// VMware's format.
    Vmdk,
    /// The older one of Microsoft's formats.
    Vhd,
    /// The newer one.
    Vhdx,
}

impl DiskFormat {
    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Vmdk => "vmdk",
            Self::Vhd => "vhd",
            Self::Vhdx => "vhdx",
        }
    }
}
