//! The folder itself and the names in it.

use std::path::{Path, PathBuf};

use crate::{StateError, file};

/// A state folder on this machine.
#[derive(Debug, Clone)]
pub struct StateFolder {
    root: PathBuf,
}

impl StateFolder {
    /// The folder at this path; nothing is created yet.
    ///
    /// # Errors
    /// [`StateError::Scheme`] for `s3://…` and other URLs.
    pub fn at(location: &str) -> Result<Self, StateError> {
        let path = location.strip_prefix("file://").unwrap_or(location);
        if path.contains("://") {
            return Err(StateError::Scheme(location.to_owned()));
        }
        Ok(Self { root: PathBuf::from(path) })
    }

    /// Creates the folder and writes to it once, so that a folder that cannot be written is known before anything is done.
    ///
    /// # Errors
    /// [`StateError::Io`] says what cannot be written.
    pub fn check_writable(&self) -> Result<(), StateError> {
        let probe = self.root.join(".writable");
        file::write_whole(&probe, |writer| std::io::Write::write_all(writer, b"amictl\n"))?;
        std::fs::remove_file(&probe).map_err(|error| StateError::io("write", &probe, error))
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, kind: &str, name: &str) -> Result<PathBuf, StateError> {
        let plain = !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if plain { Ok(self.root.join(kind).join(name)) } else { Err(StateError::Name(name.chars().take(80).collect())) }
    }

    /// The names in one of its folders, sorted; none when there is no such folder.
    pub(crate) fn names(&self, kind: &str) -> Result<Vec<String>, StateError> {
        let folder = self.root.join(kind);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StateError::io("read", &folder, error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| StateError::io("read", &folder, error))?;
            if let Ok(name) = entry.file_name().into_string()
                && !name.starts_with('.')
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}
