//! Where the state is kept, and the names in it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::ObjectStore;

use crate::bucket::{Bucket, Created, new_token};
use crate::{StateError, file};

/// The state: a folder on this machine, or a bucket that runners share.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) backend: Backend,
}

#[derive(Debug, Clone)]
pub(crate) enum Backend {
    Folder(PathBuf),
    Bucket(Bucket),
}

/// Written to see whether it can be.
const PROBE: &str = ".writable";

impl Store {
    /// The folder at this path; nothing is created yet.
    ///
    /// # Errors
    /// [`StateError::Scheme`] for URLs but `file://…`.
    pub fn folder(location: &str) -> Result<Self, StateError> {
        let path = location.strip_prefix("file://").unwrap_or(location);
        if path.contains("://") {
            return Err(StateError::Scheme(location.to_owned()));
        }
        Ok(Self { backend: Backend::Folder(PathBuf::from(path)) })
    }

    /// The objects of a bucket whose keys begin with this prefix. `bucket_url` is what the bucket is called to people, such as
    /// `s3://bucket`.
    ///
    /// # Errors
    /// [`StateError::Scheme`] for a prefix that no key of ours can begin with.
    pub fn bucket(objects: Arc<dyn ObjectStore>, bucket_url: &str, prefix: &str) -> Result<Self, StateError> {
        Ok(Self { backend: Backend::Bucket(Bucket::new(objects, bucket_url, prefix)?) })
    }

    /// Writes once, creating the folder, so that a place that cannot be written to is known before anything is done.
    ///
    /// # Errors
    /// [`StateError`] says what cannot be written.
    pub async fn check_writable(&self) -> Result<(), StateError> {
        match &self.backend {
            Backend::Folder(root) => {
                let probe = root.join(PROBE);
                file::write_whole(&probe, |writer| writer.write_all(b"amictl\n"))?;
                std::fs::remove_file(&probe).map_err(|error| StateError::io("write", &probe, error))
            }
            Backend::Bucket(bucket) => bucket.overwrite(PROBE, b"amictl\n").await,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> String {
        match &self.backend {
            Backend::Folder(root) => root.display().to_string(),
            Backend::Bucket(bucket) => bucket.url().to_owned(),
        }
    }

    /// Where something in it is.
    pub(crate) fn place(&self, key: &str) -> String {
        match &self.backend {
            Backend::Folder(root) => root.join(key).display().to_string(),
            Backend::Bucket(bucket) => bucket.place(key),
        }
    }

    /// The key of what was named by its place, as it was shown to the user; nothing for places on this machine, which are files.
    pub(crate) fn key_of<'a>(&self, place: &'a str) -> Option<&'a str> {
        match &self.backend {
            Backend::Folder(_) => None,
            Backend::Bucket(bucket) => place.strip_prefix(bucket.url())?.strip_prefix('/'),
        }
    }

    /// Writes what was not there, whole or not at all.
    pub(crate) async fn write(
        &self,
        key: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), StateError> {
        match &self.backend {
            Backend::Folder(root) => file::write_whole(&root.join(key), content),
            Backend::Bucket(bucket) => {
                let mut bytes = Vec::new();
                content(&mut bytes).map_err(|error| StateError::io("write", Path::new(&self.place(key)), error))?;
                bucket.write_new(key, bytes).await
            }
        }
    }

    /// Writes what must not have been there, whole or not at all; whether it did.
    pub(crate) async fn create(&self, key: &str, bytes: Vec<u8>) -> Result<bool, StateError> {
        match &self.backend {
            Backend::Folder(root) => file::create_whole(&root.join(key), &bytes),
            Backend::Bucket(bucket) => match bucket.create(key, &bytes.into(), &new_token()).await? {
                Created::Done(_) => Ok(true),
                Created::Other(_) => Ok(false),
            },
        }
    }

    /// What is there at each of these keys, in their order; everything must be there.
    pub(crate) async fn read_all(&self, keys: &[String]) -> Result<Vec<Vec<u8>>, StateError> {
        match &self.backend {
            Backend::Folder(root) => keys
                .iter()
                .map(|key| {
                    let gone = || StateError::broken(self.place(key), "it is gone");
                    file::read_if_there(&root.join(key))?.ok_or_else(gone)
                })
                .collect(),
            Backend::Bucket(bucket) => {
                Ok(bucket.get_all(keys).await?.into_iter().map(|found| found.bytes.to_vec()).collect())
            }
        }
    }

    /// What is there, if anything is.
    pub(crate) async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        match &self.backend {
            Backend::Folder(root) => file::read_if_there(&root.join(key)),
            Backend::Bucket(bucket) => Ok(bucket.get(key).await?.map(|found| found.bytes.to_vec())),
        }
    }

    /// The names of files and folders in one of its folders, sorted; none when there is no such folder.
    pub(crate) async fn names(&self, folder: &str) -> Result<Vec<String>, StateError> {
        let mut names = match &self.backend {
            Backend::Folder(root) => file::names(&root.join(folder))?,
            Backend::Bucket(bucket) => bucket.names(folder).await?,
        };
        names.retain(|name| !name.starts_with('.'));
        names.sort_unstable();
        Ok(names)
    }
}

/// A name for texts that may hold anything: 32 hexadecimal digits of their hash.
pub(crate) fn hash(texts: &[&str]) -> String {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    for text in texts {
        // With their lengths, so that no two lists of texts are the same bytes.
        hasher.update(text.len().to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The key of something of this kind.
pub(crate) fn key(kind: &str, name: &str) -> Result<String, StateError> {
    let plain = !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain { Ok(format!("{kind}/{name}")) } else { Err(StateError::Name(name.chars().take(80).collect())) }
}
