//! What can go wrong with the state.

use std::borrow::Cow;
use std::path::Path;

use crate::{BucketProblem, LockOwner};

/// The state cannot be used, or something in it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Reading or writing on this machine failed.
    #[error("cannot {action} {place}: {source}")]
    Io {
        /// Such as `write`.
        action: &'static str,
        /// What.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// Reading or writing in a bucket failed.
    #[error("cannot {action} {place}: {why}")]
    Bucket {
        /// Such as `write`.
        action: &'static str,
        /// What.
        place: String,
        /// What kind of problem it is.
        problem: BucketProblem,
        /// Why, in S3's words.
        why: String,
    },
    /// A file is not what it should be.
    #[error("{place} cannot be used: {what}")]
    Broken {
        /// Which.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// There is no such thing in the state.
    #[error("there is no {kind} `{name}` in {root}{hint}")]
    Missing {
        /// Such as `run`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The folder or bucket.
        root: String,
        /// What to do.
        hint: String,
    },
    /// A name that would lead out of the folder.
    #[error("`{0}` is not the name of anything in the state folder: names are letters, digits, `-`, `_` and `.`")]
    Name(String),
    /// A place that state cannot be kept in.
    #[error("`{0}` is neither a local folder nor s3://BUCKET/PREFIX")]
    Scheme(String),
    /// Somebody else holds the lock.
    #[error("{scope} is locked by run {} on {} (process {}), until {} at the latest: {place}", owner.run_id, owner.host, owner.pid, owner.expires_at)]
    Locked {
        /// The account and Region.
        scope: String,
        /// Who holds it.
        owner: Box<LockOwner>,
        /// The lock file.
        place: String,
    },
    /// A lock that was held is held no longer.
    #[error("the lock of {scope} is lost, {why}: {place}")]
    Lost {
        /// The account and Region.
        scope: String,
        /// How.
        why: String,
        /// The lock file.
        place: String,
    },
}

impl StateError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, place: path.display().to_string(), source }
    }

    pub(crate) fn broken(place: impl Into<String>, what: impl Into<Cow<'static, str>>) -> Self {
        Self::Broken { place: place.into(), what: what.into().into_owned() }
    }
}
