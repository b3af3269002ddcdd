//! Files and folders that are searched for AMI ids.

use std::fs::File;
use std::path::{Path, PathBuf};

use amictl_model::ImageId;
use walkdir::WalkDir;

use super::packed::Search;

/// What was found in files, and what could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileSweep {
    /// Image, and `path:line` of every line that names it; sorted.
    pub mentions: Vec<(ImageId, String)>,
    /// Files that were read.
    pub files: u64,
    /// What could not be read, and why; unless it is empty, what the files do not name may be used all the same.
    pub failures: Vec<String>,
}

/// Folders that hold no text of anyone's: git's objects are packed, and the files that they hold stand beside them.
const SKIPPED: &str = ".git";

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
    }

    fn read(&mut self, path: &Path) {
        match File::open(path) {
            Ok(file) => self.take(Search::file(file, &path.display().to_string())),
            Err(error) => self.failures.push(format!("{}: {error}", path.display())),
        }
    }

    /// Takes in what one file holds.
    pub(super) fn take(&mut self, search: Search) {
        self.files += u64::from(search.failures.is_empty());
        self.mentions.extend(search.mentions);
        self.failures.extend(search.failures);
    }
}
