//! What each operation is there for: the one table that permissions, `amictl doctor` and `amictl iam-policy` are made from.

mod table;
mod task;

use amictl_model::Source;
pub use table::NEEDS;
pub use task::Task;

use crate::OperationSpec;

/// Something that amictl does with the account, for which it needs operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// Whose credentials these are, and which Regions are enabled.
    Session,
    /// A source of the inventory.
    Source(Source),
    /// Following names that resources have for images.
    Names,
    /// A second opinion on the images that would go.
    Witness,
    /// How other accounts use the images that are shared with them.
    UsageReports,
    /// What an aggregator of AWS Config knows.
    Aggregator,
    /// Files in S3 that hold image ids.
    FilesInS3,
    /// How many requests a second AWS allows, and how many images.
    Quotas,
    /// The accounts of the organisation.
    Accounts,
    /// Whether what is deregistered can come back.
    Recovery,
    /// Whether something holds the snapshots that would go.
    Held,
    /// The account's settings for images.
    Settings,
    /// Making an image impossible to launch before it goes, and taking that back.
    Fence,
    /// Deregistering images and deleting their snapshots.
    Deregister,
    /// The stages before that: deprecating images, keeping their stage in their tags, and giving them back.
    Stages,
    /// Archiving snapshots, and giving them back.
    Archive,
    /// Giving archived snapshots back.
    Unarchive,
    /// Saying from when on images are deprecated.
    Deprecation,
    /// Disabling images and enabling them.
    Disabling,
    /// Protecting images from being deregistered.
    Protection,
    /// Sharing images.
    Sharing,
    /// Sharing snapshots, and what may forbid sharing with everybody.
    SnapshotSharing,
    /// Copying images, also into other Regions.
    Copying,
    /// Making images of instances.
    Creating,
    /// Making images of snapshots and of bundles in S3.
    Registering,
    /// Naming images by SSM parameters.
    Publishing,
    /// Bundles of instance-store images in S3.
    Bundles,
    /// Deleting bundles.
    DeleteBundles,
    /// Storing images in S3.
    Storing,
    /// Making images of stored ones.
    Restoring,
    /// Making snapshots of disks in files.
    Importing,
    /// The same by way of S3.
    ImportingByS3,
    /// Taking back what a run did.
    Undo,
    /// Taking images out of the Recycle Bin.
    Restore,
    /// Deleting snapshots that images left behind.
    LeftSnapshots,
    /// Deleting volumes that instances left behind.
    LeftVolumes,
    /// Terminating instances.
    Terminating,
    /// Seeing what is in the Recycle Bin, and taking it out.
    Bin,
    /// Telling owners what is to come.
    Notices,
    /// Letting launch templates launch an image, and replacing the instances of groups.
    Rollout,
    /// Launching instances.
    Launching,
    /// Images that are named by parameters.
    Finding,
}
/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct NeedRow {
    /// The need.
    pub need: Need,
    /// What it is for, as a fragment for a person.
    pub purpose: &'static str,
    /// The operations that serve it.
    pub operations: &'static [OperationSpec],
    /// What the operations are about where a permission depends on it, such as the resource types of Cloud Control.
    pub subjects: &'static [&'static str],
    /// IAM actions beside those that the operations declare.
    pub actions: &'static [&'static str],
    /// The tasks that have this need.
    pub tasks: &'static [Task],
}

impl NeedRow {
    /// The IAM actions of this row, sorted.
    #[must_use]
    pub fn iam_actions(&self) -> Vec<String> {
        let of_operations = self.operations.iter().flat_map(OperationSpec::iam_actions);
        let mut actions: Vec<String> = of_operations.chain(self.actions.iter().map(ToString::to_string)).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }
}

/// The row of a need.
#[must_use]
pub fn need(need: Need) -> Option<&'static NeedRow> {
    NEEDS.iter().find(|row| row.need == need)
}
#[cfg(test)]
mod tests {
    use super::table::USES;
    use super::*;

    #[test]
    fn every_operation_serves_a_need_and_every_need_a_task() {
        for spec in OperationSpec::ALL {
            assert!(NEEDS.iter().any(|row| row.operations.contains(spec)), "{}", spec.name);
        }
        for row in NEEDS {
            assert!(!row.tasks.is_empty(), "{:?}", row.need);
            assert_eq!(NEEDS.iter().filter(|other| other.need == row.need).count(), 1, "{:?}", row.need);
        }
    }

    #[test]
    fn every_source_has_its_operations() {
        for source in Source::ALL {
            let expected = match source {
                Source::ImageReferences => Need::Witness,
                Source::ImageUsage => Need::UsageReports,
                Source::Files => Need::FilesInS3,
                Source::ConfigAggregator => Need::Aggregator,
                source => Need::Source(*source),
            };
            assert!(need(expected).is_some(), "{source}");
        }
        for source in Source::REFERENCES {
            let tasks = need(Need::Source(*source)).map(|row| row.tasks);
            assert_eq!(tasks, Some(USES), "{source}: apply reads it again behind the fence");
        }
    }

    #[test]
    fn reading_tasks_change_nothing_but_usage_reports() {
        for row in NEEDS.iter().filter(|row| row.need != Need::UsageReports) {
            let reads = row.operations.iter().all(|spec| spec.effect == crate::Effect::Read);
            assert!(reads || row.tasks.iter().all(|task| task.changes()), "{:?}", row.need);
        }
    }
}
