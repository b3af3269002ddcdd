//! What can go wrong with the state folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The state folder cannot be used, or something in it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Reading or writing failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// Such as `write`.
        action: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{} cannot be used: {what}", path.display())]
    Broken {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// There is no such thing in the folder.
    #[error("there is no {kind} `{name}` in {}{hint}", root.display())]
    Missing {
        /// Such as `run`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The folder.
        root: PathBuf,
        /// What to do.
        hint: String,
    },
    /// A name that would lead out of the folder.
    #[error("`{0}` is not the name of anything in the state folder: names are letters, digits, `-`, `_` and `.`")]
    Name(String),
    /// A place that this version cannot keep state in.
    #[error("`{0}` is not a local folder: this version keeps its state in one")]
    Scheme(String),
    /// Somebody else holds the lock.
    #[error("{scope} is locked by run {} on {} (process {}), until {} at the latest: {}", owner.run_id, owner.host, owner.pid, owner.expires_at, path.display())]
    Locked {
        /// The account and Region.
        scope: String,
        /// Who holds it.
        owner: Box<crate::LockOwner>,
        /// The lock file.
        path: PathBuf,
    },
}

impl StateError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn broken(path: &Path, what: impl Into<Cow<'static, str>>) -> Self {
        Self::Broken { path: path.to_owned(), what: what.into().into_owned() }
    }
}
