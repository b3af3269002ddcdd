//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::StateError;

/// Writes a file durably under its name only once it is whole.
pub(crate) fn write_whole(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), StateError> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|error| StateError::io("create", folder, error))?;
    let write = || -> io::Result<()> {
        let mut temporary = new_temporary(folder)?;
        let mut writer = BufWriter::new(temporary.as_file_mut());
        content(&mut writer)?;
        writer.flush()?;
        drop(writer);
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|error| error.error)?;
        sync_folder(folder)
    };
    write().map_err(|error| StateError::io("write", path, error))
}

/// Writes a file durably under its name only once it is whole, and only if there is none of that name; whether it did.
pub(crate) fn create_whole(path: &Path, bytes: &[u8]) -> Result<bool, StateError> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|error| StateError::io("create", folder, error))?;
    let write = || -> io::Result<bool> {
        let mut temporary = new_temporary(folder)?;
        temporary.write_all(bytes)?;
        temporary.as_file().sync_all()?;
        match temporary.persist_noclobber(path) {
            Ok(_) => sync_folder(folder).map(|()| true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        }
    };
    write().map_err(|error| StateError::io("write", path, error))
}

/// The folder that a file lies in; the current one for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A temporary file with the permissions that the user's umask gives to new files: plans are passed on to reviewers.
fn new_temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Makes a new name in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StateError::io("read", path, error)),
    }
}

/// The names in a folder; none when there is no such folder.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, StateError> {
    let fail = |error| StateError::io("read", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(fail)?.file_name().into_string());
    }
    Ok(names)
}
