//! EBS direct APIs: the blocks of snapshots.

pub(crate) mod block_data;
mod block_token;
pub(crate) mod list_blocks;
pub(crate) mod read_block;
mod readable;
#[cfg(test)]
mod tests;
pub(crate) mod write_snapshot;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<list_blocks::ListChangedBlocks>(),
    Entry::of::<list_blocks::ListSnapshotBlocks>(),
    Entry::of::<read_block::GetSnapshotBlock>(),
    Entry::of::<write_snapshot::CompleteSnapshot>(),
    Entry::of::<write_snapshot::PutSnapshotBlock>(),
    Entry::of::<write_snapshot::StartSnapshot>(),
];
