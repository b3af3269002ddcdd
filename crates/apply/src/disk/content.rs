//! What a disk holds, as a digest: it is told by that, whatever its file is called.

use std::io;
use std::num::NonZero;
use std::ops::Range;

use amictl_cloud::ops::SNAPSHOT_BLOCK_BYTES;
use amictl_plan::DiskFormat;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{BLOCK, DiskFile, ZEROS};

/// The indices of blocks, each with the SHA-256 of what is in it.
type BlockDigests = Vec<(u32, [u8; 32])>;

/// Blocks that are read before their digests are put together: 128 MiB.
const WINDOW_BLOCKS: u32 = 256;
/// Threads that read a disk at once, at most: more wait for the disk.
const THREADS_MAX: usize = 4;

/// What a disk was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskContent {
    /// See [`Importing::content`].
    pub content: String,
    /// See [`Importing::checksum`].
    pub checksum: String,
    /// See [`Importing::blocks`].
    pub blocks: u32,
}

/// A digest of blocks, in their order.
pub(crate) struct DiskDigest {
    content: Sha256,
    linear: Sha256,
    blocks: u32,
}

impl DiskFile {
    /// Reads the whole file once, on several threads. `tell` hears how many bytes have been read.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn content(&self, format: DiskFormat, size_gib: u32, mut tell: impl FnMut(u64)) -> io::Result<DiskContent> {
        let mut digest = DiskDigest::new(format, size_gib);
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
        let mut first = 0;
        while first < self.blocks() {
            let end = first.saturating_add(WINDOW_BLOCKS).min(self.blocks());
            let share = (end - first).div_ceil(u32::try_from(threads).unwrap_or(1)).max(1);
            let digests: Vec<io::Result<BlockDigests>> = std::thread::scope(|scope| {
                let parts = (first..end).step_by(share as usize);
                let parts = parts.map(|part| scope.spawn(move || self.digests(part..(part + share).min(end))));
                let parts: Vec<_> = parts.collect();
                let died = |_| Err(io::Error::other("a thread that read it ended"));
                parts.into_iter().map(|part| part.join().unwrap_or_else(died)).collect()
            });
            for part in digests {
                part?.iter().for_each(|(index, block)| digest.add(*index, block));
            }
            first = end;
            tell(u64::from(first) * SNAPSHOT_BLOCK_BYTES);
        }
        Ok(digest.finish())
    }

    /// The SHA-256 of each of these blocks that holds anything but zeros.
    fn digests(&self, blocks: Range<u32>) -> io::Result<BlockDigests> {
        let mut data = vec![0; BLOCK];
        let mut digests = Vec::new();
        for index in blocks {
            let filled = self.fill(&mut data, u64::from(index) * SNAPSHOT_BLOCK_BYTES)?;
            data[filled..].fill(0);
            if data != ZEROS {
                digests.push((index, Sha256::digest(&data).into()));
            }
        }
        Ok(digests)
    }
}

impl DiskDigest {
    pub(crate) fn new(format: DiskFormat, size_gib: u32) -> Self {
        // What stands in the tag of a snapshot is compared with what later versions compute: this must stay as it is.
        let content = Sha256::new().chain_update(format!("amictl disk 1\n{}\n{size_gib} GiB\n", format.as_str()));
        Self { content, linear: Sha256::new(), blocks: 0 }
    }

    /// Takes the next block that holds anything but zeros.
    pub(crate) fn add(&mut self, index: u32, digest: &[u8; 32]) {
        self.content.update(index.to_be_bytes());
        self.content.update(digest);
        self.linear.update(digest);
        self.blocks += 1;
    }

    pub(crate) fn finish(self) -> DiskContent {
        use std::fmt::Write as _;
        let mut content = "sha256:".to_owned();
        for byte in self.content.finalize() {
            // A `String` takes everything.
            let _ = write!(content, "{byte:02x}");
        }
        DiskContent { content, checksum: STANDARD.encode(self.linear.finalize()), blocks: self.blocks }
    }
}
