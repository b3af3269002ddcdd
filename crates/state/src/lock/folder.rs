//! A lock as a file. Whoever looks at it and changes it holds a lock of the operating system meanwhile.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use amictl_model::Moment;

use super::{Held, LockOwner, host};
use crate::{StateError, file};

const GUARD: &str = ".guard";

/// Takes the lock, or says who holds it.
pub(super) fn take(path: PathBuf, owner: &LockOwner, now: Moment) -> Result<Result<Held, LockOwner>, StateError> {
    let folder = file::folder_of(&path);
    fs::create_dir_all(folder).map_err(|error| StateError::io("create", folder, error))?;
    let _guard = guard(&path)?;
    match read(&path)? {
        Some(holder) if !holder.has_expired(now) && !is_gone(&holder) => Ok(Err(holder)),
        _ => {
            write(&path, owner)?;
            Ok(Ok(Held::File(path)))
        }
    }
}

/// Writes a lock that is held anew; false when it is another's.
pub(super) fn replace(path: &Path, owner: &LockOwner) -> Result<bool, StateError> {
    let _guard = guard(path)?;
    let is_ours = read(path)?.is_some_and(|holder| holder.is_same_holder(owner));
    if is_ours {
        write(path, owner)?;
    }
    Ok(is_ours)
}

/// Removes a lock unless it is another's.
pub(super) fn remove(path: &Path, owner: &LockOwner) -> Result<(), StateError> {
    let _guard = guard(path)?;
    if read(path)?.is_some_and(|holder| holder.is_same_holder(owner)) {
        fs::remove_file(path).map_err(|error| StateError::io("remove", path, error))?;
    }
    Ok(())
}

/// Held until it is dropped.
fn guard(path: &Path) -> Result<File, StateError> {
    let path = file::folder_of(path).join(GUARD);
    let fail = |error| StateError::io("lock", &path, error);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(fail)?;
    file.lock().map_err(fail)?;
    Ok(file)
}

fn write(path: &Path, owner: &LockOwner) -> Result<(), StateError> {
    file::write_whole(path, |writer| writer.write_all(&owner.to_line()?))
}

fn read(path: &Path) -> Result<Option<LockOwner>, StateError> {
    let bytes = file::read_if_there(path)?;
    bytes.map(|bytes| LockOwner::of(&path.display().to_string(), &bytes)).transpose()
}

/// Whether it is of a process of this machine that does not run any more.
fn is_gone(holder: &LockOwner) -> bool {
    holder.host == host()
        && Path::new("/proc/self").exists()
        && !Path::new("/proc").join(holder.pid.to_string()).exists()
}
