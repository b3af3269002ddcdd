//! Files and folders that are searched for AMI ids.

use std::fs::File;
use std::path::{Path, PathBuf};

use amictl_model::ImageId;
use walkdir::WalkDir;

use super::mentions;

/// What was found in files, and what could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileSweep {
    /// Image, and `path:line` of every line that names it; sorted.
    pub mentions: Vec<(ImageId, String)>,
    /// Files that were read.
    pub files: u64,
    /// What could not be read, and why; unless it is empty, what the files do not name may be used all the same.
    pub failures: Vec<String>,
    /// Files that were read as they are although what they hold is packed.
    pub packed: Vec<PathBuf>,
}

/// Folders that hold no text of anyone's: git's objects are packed, and the files that they hold stand beside them.
const SKIPPED: &str = ".git";
/// Endings of files whose content is packed.
const PACKED: [&str; 9] = ["gz", "zst", "zip", "xz", "bz2", "tgz", "7z", "jar", "rar"];

/// Searches files and all that is in folders, hidden and ignored files too, through symbolic links as well.
#[must_use]
pub fn sweep_files(paths: &[PathBuf]) -> FileSweep {
    let mut sweep = FileSweep::default();
    for path in paths {
        let is_skipped =
            |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_type().is_dir() && entry.file_name() == SKIPPED;
        for entry in WalkDir::new(path).follow_links(true).into_iter().filter_entry(|entry| !is_skipped(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) if entry.file_type().is_file() => sweep.read(entry.path()),
                Ok(entry) => sweep.failures.push(format!("{} is neither a file nor a folder", entry.path().display())),
                Err(error) => sweep.failures.push(error.to_string()),
            }
        }
    }
    sweep.mentions.sort_unstable();
    sweep.mentions.dedup();
    sweep
}

impl FileSweep {
    /// Takes in what was found elsewhere.
    pub(super) fn absorb(&mut self, other: Self) {
        self.mentions.extend(other.mentions);
        self.mentions.sort_unstable();
        self.mentions.dedup();
        self.files += other.files;
        self.failures.extend(other.failures);
        self.packed.extend(other.packed);
    }

    fn read(&mut self, path: &Path) {
        let result = File::open(path).and_then(|file| {
            mentions(file, |mention| {
                self.mentions.push((mention.image, format!("{}:{}", path.display(), mention.line)));
            })
        });
        match result {
            Ok(()) => self.files += 1,
            Err(error) => self.failures.push(format!("{}: {error}", path.display())),
        }
        if is_packed(path) {
            self.packed.push(path.to_owned());
        }
    }
}

/// Whether what a file holds is packed, by its ending.
pub(super) fn is_packed(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| PACKED.contains(&ending))
}
