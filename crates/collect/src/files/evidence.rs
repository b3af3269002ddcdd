//! What files say, entered into an inventory.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use amictl_cloud::{Clock, Cloud};
use amictl_model::{Coverage, CoverageStatus, FileEvidence, FileMention, Inventory, Moment, Region, Source};

use super::{BucketPath, FileSweep, sweep_bucket, sweep_files};

/// How many files a detail spells out.
const FILES_TOLD_MAX: usize = 3;

/// Where files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// A file, or a folder with all that is in it.
    Path(PathBuf),
    /// A bucket of S3, or the objects in it whose keys begin in the same way.
    Bucket(BucketPath),
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl FromStr for FilePlace {
    type Err = String;

    /// Reads a path or `s3://BUCKET/PREFIX`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("s3", _)) => text.parse().map(Self::Bucket),
            Some(_) => Err("a path or s3://BUCKET/PREFIX; fetch anything else into a folder first".to_owned()),
            None => Ok(Self::Path(text.into())),
        }
    }
}

/// Searches these files, folders and buckets for AMI ids, and enters what they say: the mentions for the whole inventory, and in every scope
/// the coverage, as a file that could not be read may name an image of any. Where a bucket is, is asked for in the Region `home`.
pub async fn read_files(
    cloud: &dyn Cloud,
    home: &Region,
    clock: &Clock,
    inventory: &mut Inventory,
    places: &[FilePlace],
    concurrency: usize,
) {
    let read_at = clock.now();
    let sweep = sweep_places(cloud, home, places, concurrency).await;
    let places = places.iter().map(|place| place.to_string().into()).collect();
    enter(sweep, places, read_at, inventory);
}

/// Searches these files, folders and buckets for AMI ids.
pub async fn sweep_places(cloud: &dyn Cloud, home: &Region, places: &[FilePlace], concurrency: usize) -> FileSweep {
    let mut paths = Vec::new();
    let mut of_buckets = FileSweep::default();
    for place in places {
        match place {
            FilePlace::Path(path) => paths.push(path.clone()),
            FilePlace::Bucket(bucket) => of_buckets.absorb(sweep_bucket(cloud, home, bucket, concurrency).await),
        }
    }
    let mut sweep = sweep_files(&paths);
    sweep.absorb(of_buckets);
    sweep
}

fn enter(sweep: FileSweep, places: Vec<Box<str>>, read_at: Moment, inventory: &mut Inventory) {
    let FileSweep { mentions, files, failures } = sweep;
    let mut mentions: Vec<FileMention> =
        mentions.into_iter().map(|(image, place)| FileMention { image, place: place.into() }).collect();
    mentions.sort_unstable();
    let failures: Vec<Box<str>> = failures.into_iter().map(Into::into).collect();
    let evidence = FileEvidence { read_at, places, mentions, files, failures };
    for scope in &mut inventory.scopes {
        scope.cover(coverage(&evidence));
    }
    inventory.files = Some(evidence);
}

fn coverage(evidence: &FileEvidence) -> Coverage {
    let (status, detail) = match evidence.failures.as_slice() {
        [] => (CoverageStatus::Complete, String::new()),
        failures => {
            (CoverageStatus::Failed, format!("{} could not be read: {}", count(failures.len()), first(failures)))
        }
    };
    Coverage {
        source: Source::Files,
        status,
        detail: detail.into(),
        items: evidence.files,
        calls: 0,
        read_at: evidence.read_at,
    }
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

fn first(files: &[Box<str>]) -> String {
    let mut text = files.iter().take(FILES_TOLD_MAX).map(|file| &**file).collect::<Vec<_>>().join("; ");
    if files.len() > FILES_TOLD_MAX {
        text.push_str("; …");
    }
    text
}

#[cfg(test)]
mod tests {
    use amictl_model::{Scope, ScopeInventory};

    use super::*;

    fn read(paths: &[PathBuf]) -> (FileEvidence, Coverage) {
        let scope = Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let mut inventory = Inventory {
            format_version: "1.0".into(),
            id: "i".into(),
            created_at: Moment::from_secs(0),
            scopes: vec![ScopeInventory::empty(scope)],
            files: None,
        };
        enter(sweep_files(paths), Vec::new(), Moment::from_secs(5), &mut inventory);
        inventory.validate().unwrap();
        (inventory.files.unwrap(), inventory.scopes.remove(0).coverage.remove(0))
    }

    #[test]
    fn mentions_stand_with_their_lines_and_what_could_not_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.tf"), "\nami-0123456789abcdef0\nami-1a2b3c4d").unwrap();
        std::fs::write(folder.path().join("a.yaml"), "x: ami-1a2b3c4d").unwrap();
        let (evidence, coverage) = read(&[folder.path().to_owned()]);
        let places: Vec<String> = evidence.mentions.iter().map(|mention| mention.place.to_string()).collect();
        let path = |end: &str| format!("{}/{end}", folder.path().display());
        assert_eq!(places, [path("b.tf:2"), path("a.yaml:1"), path("b.tf:3")]);
        assert_eq!(evidence.mentions_of(&"ami-1a2b3c4d".parse().unwrap()).len(), 2);
        assert_eq!((coverage.status, coverage.items, &*coverage.detail), (CoverageStatus::Complete, 2, ""));

        std::fs::write(folder.path().join("c.rar"), b"Rar!\x1a\x07\x00").unwrap();
        let (_, coverage) = read(&[folder.path().to_owned()]);
        assert_eq!(coverage.status, CoverageStatus::Failed);
        assert!(coverage.detail.contains("c.rar: what a rar file holds cannot be read"), "{}", coverage.detail);
        std::fs::remove_file(folder.path().join("c.rar")).unwrap();

        let (evidence, coverage) = read(&[folder.path().to_owned(), folder.path().join("none")]);
        assert_eq!((evidence.failures.len(), coverage.status), (1, CoverageStatus::Failed));
        assert!(coverage.detail.starts_with("1 file could not be read: "), "{}", coverage.detail);
    }
}
