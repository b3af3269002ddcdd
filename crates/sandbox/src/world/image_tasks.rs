//! Tasks about images: storing one in a bucket, and reporting who uses one.

use amictl_model::{AccountId, ImageId, Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A store task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreImageTask {
    /// `AmiId`.
    pub image: ImageId,
    /// `TaskStartTime`.
    pub started_at: Moment,
    /// When it ends.
    pub ends_at: Moment,
    /// `Bucket`.
    pub bucket: CompactString,
    /// `S3objectKey`.
    pub key: CompactString,
    /// What the object will contain; none once it was written.
    pub unwritten: Option<Box<[u8]>>,
    /// The tags of the object.
    pub object_tags: Tags,
}

impl StoreImageTask {
    /// `ProgressPercentage` at this time.
    #[must_use]
    pub fn progress(&self, now: Moment) -> i64 {
        let whole = self.ends_at.seconds_since(self.started_at);
        if now >= self.ends_at || whole <= 0 {
            return 100;
        }
        now.seconds_since(self.started_at).max(0) * 100 / whole
    }

    /// Whether listings still show it: AWS shows those of the last 31 days.
    #[must_use]
    pub fn is_shown(&self, now: Moment) -> bool {
        now.seconds_since(self.started_at) < 31 * 86_400
    }

    /// `StoreTaskState` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> &'static str {
        if now >= self.ends_at { "Completed" } else { "InProgress" }
    }
}

/// A report of who else uses an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageReport {
    /// `ReportId`.
    pub id: CompactString,
    /// `ImageId`.
    pub image: ImageId,
    /// `ResourceTypes`, each with how many versions of a launch template count.
    pub resource_types: Vec<(CompactString, Option<u32>)>,
    /// `AccountIds`; none means all.
    pub accounts: Vec<AccountId>,
    /// `CreationTime`.
    pub created_at: Moment,
    /// When it can be read.
    pub available_at: Moment,
    /// What it says.
    pub entries: Vec<UsageEntry>,
    /// `Tags`.
    pub tags: Tags,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageEntry {
    /// `AccountId`.
    pub account: AccountId,
    /// `ResourceType`.
    pub resource_type: CompactString,
    /// `UsageCount`.
    pub count: u64,
}

impl UsageReport {
    /// Seconds after which AWS deletes a report.
    pub const KEPT_SECS: i64 = 30 * 86_400;

    /// `State` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> &'static str {
        if now >= self.available_at { "available" } else { "pending" }
    }

    /// `ExpirationTime`.
    #[must_use]
    pub fn expires_at(&self) -> Moment {
        self.created_at.plus_secs(Self::KEPT_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_task_progresses_by_the_clock() {
        let at = Moment::from_secs;
        let task = StoreImageTask {
            image: "ami-1".parse().unwrap(),
            started_at: at(1000),
            ends_at: at(1100),
            bucket: "b".into(),
            key: "ami-1.bin".into(),
            unwritten: None,
            object_tags: Tags::default(),
        };
        let seen: Vec<_> = [1000, 1050, 1100, 9999].map(|secs| (task.progress(at(secs)), task.state(at(secs)))).into();
        assert_eq!(seen, [(0, "InProgress"), (50, "InProgress"), (100, "Completed"), (100, "Completed")]);
        assert_eq!(StoreImageTask { ends_at: at(1000), ..task }.progress(at(1000)), 100);
    }
}
