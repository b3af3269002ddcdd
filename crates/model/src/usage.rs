//! What second looks at single images showed: usage reports and what AWS itself knows of references.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{AccountId, ImageId, Moment};

/// What is known of an image's use by other accounts (EC2 image usage report).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUsage {
    /// The image.
    pub image: ImageId,
    /// What came of asking.
    pub report: UsageReport,
}

/// What came of asking for a usage report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageReport {
    /// A report over all accounts and resource types. It is late: instances by up to 24 h, launch templates by days.
    Read {
        /// `CreationTime` of the report.
        made_at: Moment,
        /// The accounts that use the image; none does when it is empty.
        uses: Box<[AccountUse]>,
    },
    /// Asked for and not answered, with the error.
    Unreadable(Box<str>),
}

/// How much one account uses an image (`ImageUsageReportEntry`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountUse {
    /// `AccountId`.
    pub account: AccountId,
    /// `ResourceType`, such as `ec2:Instance`.
    pub resource_type: CompactString,
    /// `UsageCount`; never 0.
    pub count: u64,
}

/// An image that `DescribeImageReferences` was asked about. What it knew and no source had found is among the references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witnessed {
    /// The image.
    pub image: ImageId,
    /// Why it was not answered; `None` when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<str>>,
}
