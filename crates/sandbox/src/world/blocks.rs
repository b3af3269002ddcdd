//! The blocks of snapshots: which there are, and which of two snapshots have in common.
//!
//! Nothing is kept of a snapshot that was made of a volume. Whether a block was ever written, and when it was last written
//! before a moment, follows from the volume's id: most blocks are written once, some every month, week, day or hour. So
//! two snapshots of a volume have in common what was not written between them, and a million snapshots cost nothing.
//! Blocks that were put into a snapshot one by one are kept, and lie over those of its parent.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_model::Moment;
use serde::{Deserialize, Serialize};

use super::id::mix;
use super::s3::Blob;

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: u64 = 1 << 19;

/// Blocks of a GiB.
pub(crate) const GIB_BLOCKS: u64 = (1 << 30) / BLOCK_BYTES;

/// A number for a text, the same in every run.
pub(crate) fn fingerprint(text: &str) -> u64 {
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash ^ u64::from(byte))))
}

/// Where the blocks of a snapshot come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    /// Stands for the volume whose writes it has.
    stream: u64,
    /// Blocks that there can be.
    blocks: u64,
    /// Blocks that the volume ever writes, if it has no base.
    written: u64,
    /// When the snapshot was made.
    at: Moment,
    /// The snapshot that the volume was created of, and when; or the parent of a snapshot that is written block by block.
    base: Option<(Arc<Lineage>, Moment)>,
    /// Blocks that were put one by one.
    put: BTreeMap<u64, Arc<PutBlock>>,
    /// Whether the stream writes nothing: all is put one by one.
    is_put: bool,
}

/// A block that was put.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutBlock {
    /// Its bytes.
    pub data: Blob,
    /// Their SHA-256 as Base64.
    pub checksum: Box<str>,
}

/// What a block holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// What a volume wrote there at some time.
    Written(u64),
    /// What was put there.
    Put(Arc<PutBlock>),
}

/// Seconds between the writes of the blocks that are written again, and how many of 256 blocks are such.
const RHYTHMS: [(u64, i64); 4] = [(4, 3600), (12, 86_400), (32, 7 * 86_400), (48, 30 * 86_400)];

impl Lineage {
    /// The blocks of a volume that began empty, at this moment.
    pub(crate) fn of_volume(stream: u64, size_gib: u32, full_size_bytes: u64, at: Moment) -> Self {
        let blocks = u64::from(size_gib) * GIB_BLOCKS;
        let written = full_size_bytes.div_ceil(BLOCK_BYTES).min(blocks);
        Self { stream, blocks, written, at, base: None, put: BTreeMap::new(), is_put: false }
    }

    /// The blocks of a volume that was created of a snapshot, at this moment.
    pub(crate) fn of_restored(stream: u64, size_gib: u32, base: Arc<Self>, created_at: Moment, at: Moment) -> Self {
        let base = Some((base, created_at));
        Self { base, ..Self::of_volume(stream, size_gib, 0, at) }
    }

    /// No blocks, or those of a parent, to put others over them.
    pub(crate) fn to_put(stream: u64, size_gib: u32, parent: Option<Arc<Self>>, at: Moment) -> Self {
        let base = parent.map(|parent| (parent, at));
        Self { base, is_put: true, ..Self::of_volume(stream, size_gib, 0, at) }
    }

    /// Blocks that there can be.
    pub(crate) fn blocks(&self) -> u64 {
        self.blocks
    }

    /// Blocks that were put one by one.
    #[must_use]
    pub fn put_blocks(&self) -> &BTreeMap<u64, Arc<PutBlock>> {
        &self.put
    }

    /// Puts a block.
    pub(crate) fn put(&mut self, index: u64, block: PutBlock) {
        self.put.insert(index, Arc::new(block));
    }

    /// How many blocks it has.
    pub(crate) fn count(&self) -> u64 {
        let own = self.put.keys().filter(|index| !self.inherits(**index)).count() as u64;
        match &self.base {
            Some((base, _)) => own + base.count().min(self.blocks),
            None => own + self.written,
        }
    }

    /// What all have in common that were made, one after the other, of the same beginning.
    pub(crate) fn root(&self) -> u64 {
        let mut lineage = self;
        while let Some((base, _)) = &lineage.base {
            lineage = base;
        }
        lineage.stream
    }

    /// What a block holds; `None` when it was never written.
    pub(crate) fn content(&self, index: u64) -> Option<Content> {
        let mut lineage = self;
        loop {
            if index >= lineage.blocks {
                return None;
            }
            if let Some(block) = lineage.put.get(&index) {
                return Some(Content::Put(Arc::clone(block)));
            }
            let Some((base, since)) = &lineage.base else {
                return lineage.ever_writes(index).then(|| lineage.written_at(index, lineage.last_write(index)));
            };
            if !lineage.is_put && base.has(index) {
                let write = lineage.last_write(index);
                if write != lineage.write_at(index, *since) {
                    return Some(lineage.written_at(index, write));
                }
            }
            lineage = base;
        }
    }

    /// Whether a block was ever written.
    pub(crate) fn has(&self, index: u64) -> bool {
        let mut lineage = self;
        while index < lineage.blocks {
            match &lineage.base {
                _ if lineage.put.contains_key(&index) => return true,
                Some((base, _)) => lineage = base,
                None => return lineage.ever_writes(index),
            }
        }
        false
    }

    /// Whether a block was written before it was put.
    fn inherits(&self, index: u64) -> bool {
        self.base.as_ref().is_some_and(|(base, _)| base.has(index))
    }

    /// Whether a volume that began empty ever writes a block: as many as it is to have, spread evenly.
    fn ever_writes(&self, index: u64) -> bool {
        // A prime above any number of blocks, so that multiplying by it orders them in another way.
        const PRIME: u128 = (1 << 61) - 1;
        let blocks = u128::from(self.blocks.max(1));
        let place = (u128::from(index) * (PRIME % blocks) + u128::from(self.stream) % blocks) % blocks;
        !self.is_put && place < u128::from(self.written)
    }

    /// The number of the last write of a block.
    fn last_write(&self, index: u64) -> i64 {
        self.write_at(index, self.at)
    }

    /// The number of the last write of a block before a moment; zero for those that are written once.
    fn write_at(&self, index: u64, at: Moment) -> i64 {
        let hash = mix(self.stream ^ mix(index));
        let mut share = hash % 256;
        for (of_256, secs) in RHYTHMS {
            if share < of_256 {
                let period = secs * 1000;
                let phase = i64::try_from((hash >> 8) % period.unsigned_abs()).unwrap_or(0);
                return (at.as_millis() - phase).div_euclid(period);
            }
            share -= of_256;
        }
        0
    }

    fn written_at(&self, index: u64, write: i64) -> Content {
        Content::Written(mix(self.stream ^ mix(index ^ mix(write.unsigned_abs()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_SECS: i64 = 86_400;

    fn at(day: i64) -> Moment {
        Moment::from_secs(1_700_000_000 + day * DAY_SECS)
    }

    fn changed(one: &Lineage, other: &Lineage) -> usize {
        (0..one.blocks().max(other.blocks())).filter(|index| one.content(*index) != other.content(*index)).count()
    }

    fn count(lineage: &Lineage) -> u64 {
        (0..lineage.blocks()).filter(|index| lineage.content(*index).is_some()).count() as u64
    }

    #[test]
    fn snapshots_of_a_volume_differ_by_what_was_written_between_them() {
        let days: Vec<Lineage> = (0..4).map(|day| Lineage::of_volume(7, 2, 1 << 30, at(day))).collect();
        assert_eq!((days[0].blocks(), count(&days[0]), days[0].count()), (4096, 2048, 2048));
        let daily = changed(&days[0], &days[1]);
        assert!((100..400).contains(&daily), "{daily}");
        assert!(changed(&days[0], &days[3]) > daily);
        assert_eq!(changed(&days[0], &Lineage::of_volume(7, 2, 1 << 30, at(0))), 0);
        assert_eq!(days[0].root(), days[3].root());
        // What changed between the first and the last changed on the way.
        for index in 0..4096 {
            let differs = |one: usize, other: usize| days[one].content(index) != days[other].content(index);
            assert!(!differs(0, 3) || differs(0, 1) || differs(1, 2) || differs(2, 3));
        }
    }

    #[test]
    fn a_restored_volume_goes_on_from_its_snapshot() {
        let base = Arc::new(Lineage::of_volume(7, 1, 1 << 29, at(0)));
        let first = Lineage::of_restored(8, 1, Arc::clone(&base), at(1), at(1));
        assert_eq!(changed(&base, &first), 0);
        let second = Lineage::of_restored(8, 1, Arc::clone(&base), at(1), at(8));
        assert!(changed(&base, &second) > 50);
        assert_eq!((count(&second), second.count(), second.root()), (1024, 1024, base.root()));
        let larger = Lineage::of_restored(9, 2, Arc::clone(&base), at(1), at(1));
        assert_eq!((larger.blocks(), count(&larger)), (4096, 1024));
    }

    #[test]
    fn blocks_that_are_put_lie_over_the_parents() {
        let parent = Arc::new(Lineage::of_volume(7, 1, 1 << 29, at(0)));
        let mut child = Lineage::to_put(9, 1, Some(Arc::clone(&parent)), at(1));
        assert_eq!(changed(&parent, &child), 0);
        let block = PutBlock { data: Blob::from(vec![1]), checksum: "x".into() };
        let free = (0..2048).find(|index| parent.content(*index).is_none()).unwrap();
        let taken = (0..2048).find(|index| parent.content(*index).is_some()).unwrap();
        child.put(free, block.clone());
        child.put(taken, block);
        assert_eq!(
            (changed(&parent, &child), child.count(), count(&child)),
            (2, parent.count() + 1, parent.count() + 1)
        );
        let empty = Lineage::to_put(9, 1, None, at(1));
        assert_eq!((empty.count(), count(&empty)), (0, 0));
    }

    #[test]
    fn a_lineage_is_saved_and_loaded() {
        let parent = Arc::new(Lineage::of_volume(7, 1, 1 << 29, at(0)));
        let mut child = Lineage::to_put(9, 1, Some(parent), at(1));
        child.put(3, PutBlock { data: Blob::from(vec![1, 2]), checksum: "x".into() });
        let text = serde_json::to_string(&child).unwrap();
        assert_eq!(serde_json::from_str::<Lineage>(&text).unwrap(), child);
    }
}
