//! `locks/<account>-<region>`: one run at a time in an account and Region.
//!
//! In a folder the holder's process tells whether it still runs; in a bucket nothing but the time does. So the clocks of runners that
//! share a bucket may be apart by [`MARGIN_SECS`] less what a call takes.

mod folder;
mod object;

use std::fs;
use std::path::PathBuf;

use amictl_model::{Moment, Scope};
use object_store::UpdateVersion;
use serde::{Deserialize, Serialize};

use crate::bucket::{Bucket, new_token};
use crate::store::{Backend, key};
use crate::{StateError, Store};

/// A lock that is not renewed ends by itself after this long, in seconds.
const EXPIRES_AFTER_SECS: i64 = 15 * 60;
/// So long before a lock ends its holder begins nothing any more, in seconds: what is begun must be over by then.
const MARGIN_SECS: i64 = 5 * 60;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockOwner {
    /// The run that it is held for.
    pub run_id: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// When it ends by itself; long ago for a lock that was given back.
    pub expires_at: Moment,
    /// Told from all other holders by this; earlier versions have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
}

/// A lock that is held.
#[derive(Debug)]
pub struct ScopeLock {
    scope: String,
    place: String,
    owner: LockOwner,
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// Given back when dropped.
    File(PathBuf),
    /// Given back by [`ScopeLock::release`] alone; if that never happens, it expires.
    Object { bucket: Bucket, key: String, version: UpdateVersion },
}

impl Store {
    /// Takes the lock of an account and Region for a run.
    ///
    /// # Errors
    /// [`StateError::Locked`] when somebody else holds it. A lock that has expired is taken over, in a folder also one of a process
    /// that is gone.
    pub async fn lock(&self, scope: &Scope, run_id: &str, now: Moment) -> Result<ScopeLock, StateError> {
        self.lock_named(&format!("{}-{}", scope.account, scope.region), scope.to_string(), run_id, now).await
    }

    /// Takes the lock of this name; `scope` is what people call it.
    pub(crate) async fn lock_named(
        &self,
        name: &str,
        scope: String,
        run_id: &str,
        now: Moment,
    ) -> Result<ScopeLock, StateError> {
        let key = key("locks", name)?;
        let owner = LockOwner {
            run_id: run_id.to_owned(),
            host: host(),
            pid: std::process::id(),
            expires_at: now.plus_secs(EXPIRES_AFTER_SECS),
            token: new_token(),
        };
        let place = self.place(&key);
        let taken = match &self.backend {
            Backend::Folder(root) => folder::take(root.join(&key), &owner, now)?,
            Backend::Bucket(bucket) => object::take(bucket, key, &owner, now).await?,
        };
        match taken {
            Ok(held) => Ok(ScopeLock { scope, place, owner, held }),
            Err(holder) => Err(StateError::Locked { scope, owner: Box::new(holder), place }),
        }
    }
}

impl ScopeLock {
    /// Holds it for longer.
    ///
    /// # Errors
    /// [`StateError::Lost`] when it is somebody else's by now; another [`StateError`] when the lock file cannot be written, so that
    /// it ends when it would have ended.
    pub async fn renew(&mut self, now: Moment) -> Result<(), StateError> {
        let longer = LockOwner { expires_at: now.plus_secs(EXPIRES_AFTER_SECS), ..self.owner.clone() };
        let is_ours = match &mut self.held {
            Held::File(path) => folder::replace(path, &longer)?,
            Held::Object { bucket, key, version } => object::replace(bucket, key, version, &longer).await?,
        };
        if !is_ours {
            let why = "another run has taken it over".to_owned();
            return Err(StateError::Lost { scope: self.scope.clone(), why, place: self.place.clone() });
        }
        self.owner = longer;
        Ok(())
    }

    /// Gives it back; one that somebody took over after it had expired stays theirs.
    ///
    /// # Errors
    /// [`StateError`] when the lock file cannot be written: then it ends by itself.
    pub async fn release(mut self) -> Result<(), StateError> {
        if let Held::Object { bucket, key, version } = &mut self.held {
            // An object that is removed could be put again by a request that is still under way, so it stays, ended long ago.
            let ended = LockOwner { expires_at: Moment::from_secs(0), ..self.owner.clone() };
            object::replace(bucket, key, version, &ended).await?;
        }
        Ok(())
    }

    /// Until when something may be begun under it.
    pub(crate) fn safe_until(&self) -> Moment {
        self.owner.expires_at.plus_secs(-MARGIN_SECS)
    }
}

impl Drop for ScopeLock {
    fn drop(&mut self) {
        if let Held::File(path) = &self.held {
            // If it cannot be removed, whoever comes next finds that this process is gone.
            let _ = folder::remove(path, &self.owner);
        }
    }
}

impl LockOwner {
    fn has_expired(&self, now: Moment) -> bool {
        self.expires_at < now
    }

    fn is_same_holder(&self, other: &Self) -> bool {
        (self.pid, &self.run_id, &self.token) == (other.pid, &other.run_id, &other.token)
    }

    fn to_line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }

    fn of(place: &str, bytes: &[u8]) -> Result<Self, StateError> {
        serde_json::from_slice(bytes).map_err(|error| StateError::broken(place, format!("not a lock: {error}")))
    }
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
