//! A lock as an object: put only where none is, and changed only in place of the very one that was read.

use amictl_model::Moment;
use bytes::Bytes;
use object_store::UpdateVersion;

use super::{Held, LockOwner};
use crate::StateError;
use crate::bucket::{Bucket, Created, Replaced};

/// How often a lock that has ended may be taken over by others while we try to.
const TRIES_MAX: usize = 8;

/// Takes the lock, or says who holds it.
pub(super) async fn take(
    bucket: &Bucket,
    key: String,
    owner: &LockOwner,
    now: Moment,
) -> Result<Result<Held, LockOwner>, StateError> {
    let bytes = line(bucket, &key, owner)?;
    for _ in 0..TRIES_MAX {
        let there = match bucket.create(&key, &bytes, &owner.token).await? {
            Created::Done(version) => return Ok(Ok(Held::Object { bucket: bucket.clone(), key, version })),
            Created::Other(there) => there,
        };
        let holder = LockOwner::of(&bucket.place(&key), &there.bytes)?;
        if !holder.has_expired(now) {
            return Ok(Err(holder));
        }
        if let Replaced::Done(version) = bucket.replace(&key, &bytes, &there.version).await? {
            return Ok(Ok(Held::Object { bucket: bucket.clone(), key, version }));
        }
    }
    Err(StateError::broken(bucket.place(&key), "the lock changes hands too fast"))
}

/// Writes a lock that is held anew; false when it is another's.
pub(super) async fn replace(
    bucket: &Bucket,
    key: &str,
    version: &mut UpdateVersion,
    owner: &LockOwner,
) -> Result<bool, StateError> {
    let bytes = line(bucket, key, owner)?;
    for _ in 0..TRIES_MAX {
        if let Replaced::Done(new) = bucket.replace(key, &bytes, version).await? {
            *version = new;
            return Ok(true);
        }
        // A renewal whose answer was lost may have arrived since.
        match bucket.get(key).await? {
            Some(there) if LockOwner::of(&bucket.place(key), &there.bytes)?.is_same_holder(owner) => {
                *version = there.version;
            }
            _ => return Ok(false),
        }
    }
    Ok(false)
}

fn line(bucket: &Bucket, key: &str, owner: &LockOwner) -> Result<Bytes, StateError> {
    let line = owner.to_line().map_err(|error| StateError::broken(bucket.place(key), error.to_string()))?;
    Ok(line.into())
}
