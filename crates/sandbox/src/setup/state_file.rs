//! A file that keeps a world over restarts: there whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use amictl_model::Moment;

use super::world_source::{OpenError, Opened, load};
use crate::World;
use crate::world::Loaded;

/// A quick level: a world is written often.
const ZSTD_LEVEL: i32 = 1;

/// The file of `--state-file`; compressed when its name ends with `.zst`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFile(PathBuf);

/// Why a world was not saved.
#[derive(Debug, thiserror::Error)]
#[error("cannot save the world as {path}: {source}")]
pub struct StateFileError {
    path: String,
    source: io::Error,
}

impl StateFileError {
    pub(super) fn interrupted(file: &StateFile, error: &tokio::task::JoinError) -> Self {
        Self { path: file.0.display().to_string(), source: io::Error::other(error.to_string()) }
    }
}

impl StateFile {
    /// The state file at this path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The world in it, or none when there is no file yet.
    ///
    /// # Errors
    /// When it cannot be read or is not a saved world.
    pub fn load(&self) -> Result<Option<Opened>, OpenError> {
        match load(&self.0) {
            Ok(Ok(Loaded { world, clock })) => Ok(Some(Opened { clock, ..world.into() })),
            Ok(Err(error)) => Err(OpenError::Content { path: self.0.display().to_string(), reason: error.to_string() }),
            Err(OpenError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Saves a world durably: whoever reads the file meanwhile, or after a crash, finds the old world or the new one, whole.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was.
    pub fn save(&self, world: &World, clock: Option<Moment>) -> Result<(), StateFileError> {
        self.replace(world, clock).map_err(|source| StateFileError { path: self.0.display().to_string(), source })
    }

    fn replace(&self, world: &World, clock: Option<Moment>) -> io::Result<()> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = self.0.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = folder.join(name);
        let written = write(&temporary, &self.0, world, clock);
        if written.is_err() {
            // What is left of it is of no use; the error before matters more than one of removing it.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        File::open(folder)?.sync_all()
    }
}

fn write(temporary: &Path, path: &Path, world: &World, clock: Option<Moment>) -> io::Result<()> {
    let mut file = File::create(temporary)?;
    let writer = BufWriter::new(&mut file);
    if path.extension().is_some_and(|extension| extension == "zst") {
        let mut encoder = zstd::Encoder::new(writer, ZSTD_LEVEL)?;
        world.save(clock, &mut encoder)?;
        encoder.finish()?.flush()?;
    } else {
        world.save(clock, writer)?;
    }
    file.sync_all()?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_world_is_kept_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let world = sample("2026-11-21T09:00:00Z".parse().unwrap());
        for name in ["world.json", "world.json.zst"] {
            let file = StateFile::new(folder.path().join(name));
            assert!(file.load().unwrap().is_none());
            file.save(&world, Some(Moment::from_secs(7))).unwrap();
            let opened = file.load().unwrap().unwrap();
            assert_eq!(opened.clock, Some(Moment::from_secs(7)));
            assert!(format!("{:?}", opened.world) == format!("{world:?}"));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "temporary files are gone");
        let broken = StateFile::new(folder.path().join("world.json"));
        let text = fs::read(broken.path()).unwrap();
        fs::write(broken.path(), &text[..text.len() / 2]).unwrap();
        assert!(broken.load().unwrap_err().to_string().contains("EOF"));
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path().join("no/such/folder/world.json"));
        assert!(file.save(&World::new(1), None).unwrap_err().to_string().starts_with("cannot save the world as "));
    }
}
