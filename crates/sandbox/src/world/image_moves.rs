//! Images on their way out of EC2, and disk images on their way in.

use amictl_model::{ImageId, Moment, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::percent;

/// A task that exports an image to a bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportImageTask {
    /// `ExportImageTaskId`.
    pub id: CompactString,
    /// `Description`.
    pub description: Option<Box<str>>,
    /// `ImageId`.
    pub image: ImageId,
    /// `DiskImageFormat`.
    pub format: CompactString,
    /// `S3ExportLocation.S3Bucket`.
    pub bucket: Box<str>,
    /// `S3ExportLocation.S3Prefix`.
    pub prefix: Option<Box<str>>,
    /// `RoleName`.
    pub role: Option<Box<str>>,
    /// When it was asked for.
    pub started_at: Moment,
    /// When it is done.
    pub done_at: Moment,
    /// Whether it was cancelled before.
    pub is_cancelled: bool,
    /// `Tags`.
    pub tags: Tags,
}

impl ExportImageTask {
    /// `Status` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match (self.is_cancelled, now < self.done_at) {
            (true, _) => "deleted",
            (false, true) => "active",
            (false, false) => "completed",
        }
    }

    /// `Progress` of a task that is active.
    #[must_use]
    pub fn progress(&self, now: Moment) -> Option<i64> {
        (self.status(now) == "active").then(|| percent(self.started_at, self.done_at, now))
    }
}

/// A task that makes an image of disk images.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportImageTask {
    /// `ImportTaskId`, which is the name of the image as well.
    pub id: CompactString,
    /// `Description`.
    pub description: Option<Box<str>>,
    /// `Architecture`.
    pub architecture: CompactString,
    /// `Platform`, such as `Linux`.
    pub platform: CompactString,
    /// `LicenseType`.
    pub license: Option<CompactString>,
    /// `BootMode`.
    pub boot_mode: Option<CompactString>,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`.
    pub kms_key: Option<Box<str>>,
    /// `SnapshotDetails`.
    pub disks: Vec<ImportedDisk>,
    /// The image that is made: pending until the task is done.
    pub image: ImageId,
    /// When it was asked for.
    pub started_at: Moment,
    /// When it is done.
    pub done_at: Moment,
    /// `StatusMessage` of a task that was cancelled.
    pub cancelled: Option<Box<str>>,
    /// `StatusMessage` of a task that fails; it has no image.
    pub failure: Option<Box<str>>,
    /// `Tags`.
    pub tags: Tags,
}

/// A disk image of an import.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportedDisk {
    /// `Description`.
    pub description: Option<Box<str>>,
    /// `Format`.
    pub format: Option<CompactString>,
    /// `DeviceName`.
    pub device: CompactString,
    /// Where it is; none for one that was a snapshot already.
    pub place: Option<super::DiskPlace>,
    /// The snapshot that is made of it.
    pub snapshot: SnapshotId,
    /// Bytes of the disk image.
    pub image_bytes: u64,
}

/// What an import does, each phase from this percentage on.
const PHASES: [(i64, &str); 5] =
    [(0, "pending"), (10, "validating"), (20, "converting"), (70, "updating"), (90, "preparing ami")];

impl ImportImageTask {
    /// `Status` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match (&self.cancelled, now < self.done_at, &self.failure) {
            (Some(_), _, _) | (None, false, Some(_)) => "deleted",
            (None, true, _) => "active",
            (None, false, None) => "completed",
        }
    }

    /// `Progress` of a task that is active.
    #[must_use]
    pub fn progress(&self, now: Moment) -> Option<i64> {
        (self.status(now) == "active").then(|| percent(self.started_at, self.done_at, now))
    }

    /// `StatusMessage` at this time.
    #[must_use]
    pub fn status_message(&self, now: Moment) -> Option<&str> {
        match self.progress(now) {
            Some(percent) => PHASES.iter().rev().find(|(from, _)| percent >= *from).map(|(_, phase)| *phase),
            None if self.status(now) == "deleted" => self.cancelled.as_deref().or(self.failure.as_deref()),
            None => None,
        }
    }

    /// `ImageId`: the image is told once it is being prepared.
    #[must_use]
    pub fn shown_image(&self, now: Moment) -> Option<&ImageId> {
        let is_known = self.status(now) == "completed" || self.status_message(now) == Some("preparing ami");
        (is_known && self.failure.is_none()).then_some(&self.image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_tells_its_image_at_its_end() {
        let at = Moment::from_secs;
        let task = ImportImageTask {
            id: "import-ami-0".into(),
            description: None,
            architecture: "x86_64".into(),
            platform: "Linux".into(),
            license: None,
            boot_mode: None,
            encrypted: false,
            kms_key: None,
            disks: Vec::new(),
            image: "ami-12345678".parse().unwrap(),
            started_at: at(0),
            done_at: at(100),
            cancelled: None,
            failure: None,
            tags: Tags::default(),
        };
        let seen = |secs| (task.status(at(secs)), task.status_message(at(secs)), task.shown_image(at(secs)).is_some());
        assert_eq!(seen(0), ("active", Some("pending"), false));
        assert_eq!(seen(50), ("active", Some("converting"), false));
        assert_eq!(seen(95), ("active", Some("preparing ami"), true));
        assert_eq!(seen(100), ("completed", None, true));
        let failing = ImportImageTask { failure: Some("no".into()), ..task };
        assert_eq!((failing.status(at(100)), failing.shown_image(at(100))), ("deleted", None));
    }
}
