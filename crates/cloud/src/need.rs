//! What each operation is there for: permissions, `amictl doctor` and `amictl iam-policy` are made from this.

use amictl_model::Source;

mod table;

use crate::OperationSpec;

pub use table::NEEDS;

/// Something that amictl does with the account, for which it needs operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// Whose credentials these are, and which Regions are enabled.
    Session,
    /// A source of the inventory.
    Source(Source),
    /// Following names that resources have for images.
    Names,
    /// What else has the snapshots: volumes, and images in the Recycle Bin.
    SnapshotUsers,
    /// How many requests a second AWS allows, and how many images.
    Quotas,
    /// The accounts of the organisation.
    Accounts,
    /// Whether what is deregistered can come back.
    Recovery,
    /// The account's settings for images.
    Settings,
    /// Making an image impossible to launch before it goes, and taking that back.
    Fence,
    /// Deregistering images and deleting their snapshots.
    Deregister,
    /// Taking back what a run did.
    Undo,
}

/// What a command line asks permissions for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// `scan`, `list`, `show`, `refs`, `explain`, `tree`.
    Scan,
    /// `plan`.
    Plan,
    /// `apply` and `resume`.
    Apply,
    /// `undo`.
    Undo,
    /// `doctor`.
    Doctor,
    /// A scan over the accounts of an organisation.
    Accounts,
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
