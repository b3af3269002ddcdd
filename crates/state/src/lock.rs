//! `locks/<account>-<region>`: one run at a time in an account and Region.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use amictl_model::{Moment, Scope};
use serde::{Deserialize, Serialize};

use crate::{StateError, StateFolder};

/// A lock that is not renewed ends by itself after this long, in seconds.
const EXPIRES_AFTER_SECS: i64 = 15 * 60;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockOwner {
    /// The run that it is held for.
    pub run_id: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// When it ends by itself.
    pub expires_at: Moment,
}

/// A lock that is held; dropping it gives it back.
#[derive(Debug)]
pub struct ScopeLock {
    path: PathBuf,
    owner: LockOwner,
}

impl StateFolder {
    /// Takes the lock of an account and Region for a run.
    ///
    /// # Errors
    /// [`StateError::Locked`] when somebody else holds it; a lock of a process that is gone, or that has expired, is taken over.
    pub fn lock(&self, scope: &Scope, run_id: &str, now: Moment) -> Result<ScopeLock, StateError> {
        let path = self.path("locks", &format!("{}-{}", scope.account, scope.region))?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| StateError::io("create", folder, error))?;
        }
        let owner = LockOwner {
            run_id: run_id.to_owned(),
            host: host(),
            pid: std::process::id(),
            expires_at: now.plus_secs(EXPIRES_AFTER_SECS),
        };
        // Two tries: between them at most one stale lock is cleared away.
        for _ in 0..2 {
            match create(&path, &owner) {
                Ok(()) => return Ok(ScopeLock { path, owner }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StateError::io("write", &path, error)),
            }
            let Some(holder) = read_owner(&path)? else { continue };
            if !is_stale(&holder, now) {
                return Err(StateError::Locked { scope: scope.to_string(), owner: Box::new(holder), path });
            }
            clear_stale(&path, &holder)?;
        }
        Err(StateError::broken(&path, "the lock changes hands too fast"))
    }
}

impl ScopeLock {
    /// Holds it for longer.
    ///
    /// # Errors
    /// [`StateError`] when the lock file cannot be written.
    pub fn renew(&mut self, now: Moment) -> Result<(), StateError> {
        self.owner.expires_at = now.plus_secs(EXPIRES_AFTER_SECS);
        crate::file::write_whole(&self.path, |writer| {
            serde_json::to_writer(&mut *writer, &self.owner)?;
            writer.write_all(b"\n")
        })
    }
}

impl Drop for ScopeLock {
    fn drop(&mut self) {
        // A lock that somebody took over after it expired is not ours to remove.
        if let Ok(Some(holder)) = read_owner(&self.path)
            && holder.pid == self.owner.pid
            && holder.run_id == self.owner.run_id
        {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn create(path: &Path, owner: &LockOwner) -> std::io::Result<()> {
    // Linked into place whole, so that nobody ever reads half a lock.
    let folder = crate::file::folder_of(path);
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut temporary, owner)?;
    temporary.write_all(b"\n")?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(path).map(|_| ()).map_err(|error| error.error)
}

/// Who holds it; `None` when it was given back meanwhile.
fn read_owner(path: &Path) -> Result<Option<LockOwner>, StateError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| StateError::broken(path, format!("not a lock: {error}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StateError::io("read", path, error)),
    }
}

fn is_stale(holder: &LockOwner, now: Moment) -> bool {
    let dead = holder.host == host()
        && Path::new("/proc/self").exists()
        && !Path::new("/proc").join(holder.pid.to_string()).exists();
    dead || holder.expires_at < now
}

/// Moves a stale lock aside, and puts it back if it was another one by then.
fn clear_stale(path: &Path, stale: &LockOwner) -> Result<(), StateError> {
    let aside = path.with_extension(format!("stale-{}", std::process::id()));
    match fs::rename(path, &aside) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StateError::io("take over", path, error)),
    }
    let taken = read_owner(&aside)?;
    if taken.as_ref() != Some(stale) {
        let _ = fs::hard_link(&aside, path);
    }
    fs::remove_file(&aside).map_err(|error| StateError::io("take over", &aside, error))
}

/// The machine, with its process namespace where there are such: a process id of another container means nothing in this one.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .map_or_else(|| "unknown".to_owned(), |name| name.trim().to_owned());
    match fs::read_link("/proc/self/ns/pid") {
        Ok(namespace) => format!("{name} {}", namespace.display()),
        Err(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    fn folder() -> (tempfile::TempDir, StateFolder) {
        let directory = tempfile::tempdir().unwrap();
        let folder = StateFolder::at(&directory.path().to_string_lossy()).unwrap();
        (directory, folder)
    }

    #[test]
    fn a_lock_is_held_once_and_given_back() {
        let (_directory, folder) = folder();
        let now = Moment::from_secs(1_800_000_000);
        let held = folder.lock(&scope(), "run-1", now).unwrap();
        let error = folder.lock(&scope(), "run-2", now).unwrap_err();
        assert!(matches!(error, StateError::Locked { .. }), "{error}");
        assert!(error.to_string().contains("run-1"));
        drop(held);
        folder.lock(&scope(), "run-2", now).unwrap();
    }

    #[test]
    fn an_expired_lock_and_one_of_a_dead_process_are_taken_over() {
        let (_directory, folder) = folder();
        let now = Moment::from_secs(1_800_000_000);
        let held = folder.lock(&scope(), "run-1", now).unwrap();
        let later = now.plus_secs(EXPIRES_AFTER_SECS + 1);
        let second = folder.lock(&scope(), "run-2", later).unwrap();
        drop(held);
        assert!(folder.lock(&scope(), "run-3", later).is_err(), "giving back an expired lock frees another's");
        drop(second);

        let path = folder.path("locks", "123456789012-us-east-1").unwrap();
        let dead =
            LockOwner { run_id: "run-0".to_owned(), host: host(), pid: u32::MAX, expires_at: later.plus_secs(99) };
        create(&path, &dead).unwrap();
        folder.lock(&scope(), "run-4", later).unwrap();
    }
}
