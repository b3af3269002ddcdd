//! A disk in a file, read as the blocks of a snapshot.

mod content;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use amictl_cloud::ops::SNAPSHOT_BLOCK_BYTES;
use amictl_model::Moment;
use amictl_plan::Importing;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

pub use content::DiskContent;
pub(crate) use content::DiskDigest;

/// Bytes of a block, as a length in memory.
const BLOCK: usize = SNAPSHOT_BLOCK_BYTES as usize;

/// A block of zeros.
static ZEROS: [u8; BLOCK] = [0; BLOCK];

/// An open file with a disk.
#[derive(Debug, Clone)]
pub struct DiskFile {
    file: Arc<File>,
    bytes: u64,
    modified_at: Option<Moment>,
}

/// A block that holds anything but zeros.
#[derive(Debug, Clone)]
pub(crate) struct DiskBlock {
    /// All its bytes; behind the end of the file they are zeros.
    pub(crate) data: Bytes,
    /// Their SHA-256.
    pub(crate) digest: [u8; 32],
}

/// Some blocks in a row, as S3 takes them.
pub(crate) struct DiskPart {
    /// The bytes, to the end of the file.
    pub(crate) data: Vec<u8>,
    /// Their SHA-256, as Base64.
    pub(crate) checksum: String,
    /// The SHA-256 of every block among them that holds anything but zeros, by its index.
    pub(crate) blocks: Vec<(u32, [u8; 32])>,
}

impl DiskFile {
    /// Opens it.
    ///
    /// # Errors
    /// Those of the file system; also where it is no file whose bytes have places, such as a pipe or a folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        let modified_at = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let modified_at = modified_at.and_then(|since| i64::try_from(since.as_millis()).ok()).map(Moment::from_millis);
        Ok(Self { file: Arc::new(file), bytes: meta.len(), modified_at })
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// When it was last written to, where the file system says so.
    #[must_use]
    pub fn modified_at(&self) -> Option<Moment> {
        self.modified_at
    }

    /// So many blocks it has, zeros counted.
    pub(crate) fn blocks(&self) -> u32 {
        u32::try_from(self.bytes.div_ceil(SNAPSHOT_BLOCK_BYTES)).unwrap_or(u32::MAX)
    }

    /// So many bytes from this place on, or those that there are before the end.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn bytes_at(&self, place: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let filled = self.fill(&mut bytes, place)?;
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Reads a block; `None` where it holds nothing but zeros.
    pub(crate) fn block(&self, index: u32) -> io::Result<Option<DiskBlock>> {
        let mut data = vec![0; BLOCK];
        self.fill(&mut data, u64::from(index) * SNAPSHOT_BLOCK_BYTES)?;
        if data == ZEROS {
            return Ok(None);
        }
        let digest = Sha256::digest(&data).into();
        Ok(Some(DiskBlock { data: data.into(), digest }))
    }

    /// Reads so many bytes, which begin with a block.
    pub(crate) fn part(&self, place: u64, bytes: u64) -> io::Result<DiskPart> {
        let data = self.bytes_at(place, usize::try_from(bytes).unwrap_or(usize::MAX))?;
        let checksum = STANDARD.encode(Sha256::digest(&data));
        let first = u32::try_from(place / SNAPSHOT_BLOCK_BYTES).unwrap_or(u32::MAX);
        let mut blocks = Vec::new();
        for (index, block) in (first..).zip(data.chunks(BLOCK)) {
            let zeros = &ZEROS[block.len()..];
            if *block != ZEROS[..block.len()] {
                blocks.push((index, Sha256::new().chain_update(block).chain_update(zeros).finalize().into()));
            }
        }
        Ok(DiskPart { data, checksum, blocks })
    }

    /// Whether it seems to be the file still that the plan was made for; the error is a sentence.
    pub(crate) fn check(&self, importing: &Importing) -> Result<(), String> {
        if self.bytes != importing.bytes {
            return Err(format!(
                "the disk has {} bytes, and had {} when the plan was made",
                self.bytes, importing.bytes
            ));
        }
        if self.modified_at != importing.modified_at {
            return Err("the disk was written to since the plan was made".to_owned());
        }
        Ok(())
    }

    fn fill(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match read_at(&self.file, &mut buffer[filled..], place + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

impl DiskBlock {
    /// The checksum as EBS takes it.
    pub(crate) fn checksum(&self) -> String {
        STANDARD.encode(self.digest)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use amictl_plan::DiskFormat;

    use super::*;

    fn disk(name: &str, blocks: &[u8], more: &[u8]) -> DiskFile {
        let path = std::env::temp_dir().join(format!("amictl-disk-{}-{name}", std::process::id()));
        let mut file = File::create(&path).unwrap();
        for byte in blocks {
            file.write_all(&vec![*byte; BLOCK]).unwrap();
        }
        file.write_all(more).unwrap();
        let disk = DiskFile::open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        disk
    }

    fn content(disk: &DiskFile, size_gib: u32) -> DiskContent {
        disk.content(DiskFormat::Raw, size_gib, |_| {}).unwrap()
    }

    #[test]
    fn blocks_of_zeros_are_none_and_the_last_is_padded() {
        let disk = disk("blocks", &[1, 0, 2], b"end");
        assert_eq!((disk.blocks(), disk.bytes()), (4, 3 * SNAPSHOT_BLOCK_BYTES + 3));
        assert!(disk.block(1).unwrap().is_none());
        let last = disk.block(3).unwrap().unwrap();
        assert_eq!((&last.data[..4], last.data.len()), (&b"end\0"[..], BLOCK));
        assert_eq!(disk.bytes_at(3 * SNAPSHOT_BLOCK_BYTES + 1, 10).unwrap(), b"nd");
    }

    #[test]
    fn content_is_what_stands_where_and_not_how_it_is_written() {
        let one = content(&disk("one", &[1, 0, 2], b""), 1);
        assert_eq!(one.blocks, 2);
        // The end of a file may be left out where it is zeros.
        assert_eq!(one, content(&disk("padded", &[1, 0, 2, 0], b"\0\0"), 1));
        for (name, other) in [
            ("moved", content(&disk("moved", &[1, 2], b""), 1)),
            ("grown", content(&disk("grown", &[1, 0, 2], b"x"), 1)),
            ("larger", content(&disk("larger", &[1, 0, 2], b""), 2)),
        ] {
            assert_ne!(one.content, other.content, "{name}");
        }
        // The checksum of EBS does not say where a block stands; the content does.
        assert_eq!(one.checksum, content(&disk("again", &[1, 2], b""), 1).checksum);
    }

    #[test]
    fn content_stays_what_it_was_in_every_version() {
        let content = content(&disk("pinned", &[7], b""), 1);
        // sha256("amictl disk 1\nraw\n1 GiB\n" + 00000000 + sha256(524,288 bytes of 7))
        assert_eq!(content.content, "sha256:d7fafc88df2ff62bb4bc6efb228a211c409ad71f5ac0ff7457023a184fdecf6c");
    }
}
