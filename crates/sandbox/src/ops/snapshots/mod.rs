//! Snapshots: to make, share, archive, lock and delete them.

pub(crate) mod copy_snapshot;
pub(crate) mod create_snapshot;
pub(crate) mod create_snapshots;
pub(crate) mod delete_snapshot;
pub(crate) mod describe_fast_restores;
pub(crate) mod describe_imports;
pub(crate) mod describe_snapshots;
pub(crate) mod disk_image;
pub(crate) mod encryption;
pub(crate) mod fast_restores;
pub(crate) mod import_snapshot;
mod import_xml;
mod lock_xml;
pub(crate) mod locked_snapshots;
pub(crate) mod own_snapshot;
pub(crate) mod public_access;
pub(crate) mod recycle_bin;
pub(crate) mod snapshot_attribute;
pub(crate) mod snapshot_lock;
mod snapshot_page;
pub(crate) mod snapshot_tier;
pub(crate) mod snapshot_xml;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod tier_status;

use snapshot_page::page_start;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<copy_snapshot::CopySnapshot>(),
    Entry::of::<create_snapshot::CreateSnapshot>(),
    Entry::of::<create_snapshots::CreateSnapshots>(),
    Entry::of::<delete_snapshot::DeleteSnapshot>(),
    Entry::of::<describe_fast_restores::DescribeFastSnapshotRestores>(),
    Entry::of::<describe_imports::DescribeImportSnapshotTasks>(),
    Entry::of::<describe_snapshots::DescribeSnapshots>(),
    Entry::of::<fast_restores::DisableFastSnapshotRestores>(),
    Entry::of::<fast_restores::EnableFastSnapshotRestores>(),
    Entry::of::<import_snapshot::CancelImportTask>(),
    Entry::of::<import_snapshot::ImportSnapshot>(),
    Entry::of::<locked_snapshots::DescribeLockedSnapshots>(),
    Entry::of::<public_access::DisableSnapshotBlockPublicAccess>(),
    Entry::of::<public_access::EnableSnapshotBlockPublicAccess>(),
    Entry::of::<public_access::GetSnapshotBlockPublicAccessState>(),
    Entry::of::<recycle_bin::ListSnapshotsInRecycleBin>(),
    Entry::of::<recycle_bin::RestoreSnapshotFromRecycleBin>(),
    Entry::of::<snapshot_attribute::DescribeSnapshotAttribute>(),
    Entry::of::<snapshot_attribute::ModifySnapshotAttribute>(),
    Entry::of::<snapshot_attribute::ResetSnapshotAttribute>(),
    Entry::of::<snapshot_lock::LockSnapshot>(),
    Entry::of::<snapshot_lock::UnlockSnapshot>(),
    Entry::of::<snapshot_tier::ModifySnapshotTier>(),
    Entry::of::<snapshot_tier::RestoreSnapshotTier>(),
    Entry::of::<tier_status::DescribeSnapshotTierStatus>(),
];
