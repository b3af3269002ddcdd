//! Snapshots.

pub(crate) mod create_snapshot;
pub(crate) mod delete_snapshot;
pub(crate) mod describe_snapshots;
pub(crate) mod snapshot_xml;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<create_snapshot::CreateSnapshot>(),
    Entry::of::<delete_snapshot::DeleteSnapshot>(),
    Entry::of::<describe_snapshots::DescribeSnapshots>(),
];
