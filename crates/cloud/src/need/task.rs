//! What permissions are asked for: the commands, and what they have in common.

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
    /// `notify`, beside what `scan` needs, where the policy names a topic.
    Notify,
    /// `doctor`.
    Doctor,
    /// `snapshots` and `volumes`, beside what `scan` needs.
    Storage,
    /// `deprecate` and `undeprecate`.
    Deprecate,
    /// `disable` and `enable`.
    Disable,
    /// `protect` and `unprotect`.
    Protect,
    /// `share` and `unshare`.
    Share,
    /// `copy`.
    Copy,
    /// `create`.
    Create,
    /// `register`.
    Register,
    /// `publish`, `promote` and `rollback`.
    Publish,
    /// `bundles delete`, beside what `plan` and `apply` need; `bundles list` needs its reading part.
    Bundles,
    /// `store`.
    Store,
    /// `restore-from-s3`.
    RestoreFromS3,
    /// `import`.
    Import,
    /// `deregister`.
    Deregister,
    /// `snapshots --delete`, beside what `snapshots` needs.
    DeleteSnapshots,
    /// `volumes --delete`, beside what `volumes` needs.
    DeleteVolumes,
    /// `terminate`.
    Terminate,
    /// `bin`.
    Bin,
    /// `rollout`.
    Rollout,
    /// `launch`.
    Launch,
    /// `find`, and naming images by a parameter or a query.
    Find,
    /// A scan over the accounts of an organisation.
    Accounts,
    /// A scan with `--config-aggregator`.
    Aggregator,
    /// A scan with `--references-from s3://…`.
    FilesInS3,
}

impl Task {
    /// Every task, in the order of the enum.
    pub const ALL: &'static [Self] = &[
        Self::Scan,
        Self::Plan,
        Self::Apply,
        Self::Undo,
        Self::Notify,
        Self::Doctor,
        Self::Storage,
        Self::Deprecate,
        Self::Disable,
        Self::Protect,
        Self::Share,
        Self::Copy,
        Self::Create,
        Self::Register,
        Self::Publish,
        Self::Bundles,
        Self::Store,
        Self::RestoreFromS3,
        Self::Import,
        Self::Deregister,
        Self::DeleteSnapshots,
        Self::DeleteVolumes,
        Self::Terminate,
        Self::Bin,
        Self::Rollout,
        Self::Launch,
        Self::Find,
        Self::Accounts,
        Self::Aggregator,
        Self::FilesInS3,
    ];

    /// Whether it changes images.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::Apply
            | Self::Undo
            | Self::Notify
            | Self::Deprecate
            | Self::Disable
            | Self::Protect
            | Self::Share
            | Self::Copy
            | Self::Create
            | Self::Register
            | Self::Deregister
            | Self::DeleteSnapshots
            | Self::DeleteVolumes
            | Self::Terminate
            | Self::Bin
            | Self::Publish
            | Self::Store
            | Self::RestoreFromS3
            | Self::Import
            | Self::Bundles
            | Self::Rollout
            | Self::Launch => true,
            Self::Scan
            | Self::Plan
            | Self::Doctor
            | Self::Storage
            | Self::Find
            | Self::Accounts
            | Self::Aggregator
            | Self::FilesInS3 => false,
        }
    }
}
