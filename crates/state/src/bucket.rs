//! A bucket: its objects are put only where none is, or in place of the very one that was read.
//!
//! S3 API Reference, `PutObject`: `If-None-Match: *` and `If-Match`. A put whose answer was lost is resolved by reading back.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, PutResult,
    UpdateVersion,
};

use crate::StateError;
use crate::problem::{self, BucketProblem};

/// Before each try of a conditional put. The client beneath tries again too, but not where an answer was lost.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];
/// Objects that are read at once.
const READS: usize = 32;
/// Says who has put an object, so that nobody takes another's equal bytes for his own.
const WRITER: &str = "amictl-writer";

/// The objects below a prefix.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    url: String,
}

/// An object as it was read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) bytes: bytes::Bytes,
    pub(crate) version: UpdateVersion,
    writer: Option<String>,
}

/// What came of putting an object where none was.
#[derive(Debug)]
pub(crate) enum Created {
    /// It is there.
    Done(UpdateVersion),
    /// Another one was there before.
    Other(Found),
}

/// What came of putting an object in place of a known one.
#[derive(Debug)]
pub(crate) enum Replaced {
    /// It is there.
    Done(UpdateVersion),
    /// The known one was not there any more.
    Changed,
}

impl Bucket {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, bucket_url: &str, prefix: &str) -> Result<Self, StateError> {
        let bucket_url = bucket_url.trim_end_matches('/');
        let prefix = Path::parse(prefix).map_err(|_| StateError::Scheme(format!("{bucket_url}/{prefix}")))?;
        let url = if prefix.as_ref().is_empty() { bucket_url.to_owned() } else { format!("{bucket_url}/{prefix}") };
        Ok(Self { objects, prefix, url })
    }

    /// Where it is, without a `/` at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn place(&self, key: &str) -> String {
        format!("{}/{key}", self.url)
    }

    /// The object of this key, if there is one.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Found>, StateError> {
        self.find(key).await.map_err(|error| self.problem("read", key, &error))
    }

    /// The objects of these keys; each must be there.
    pub(crate) async fn get_all(&self, keys: &[String]) -> Result<Vec<Found>, StateError> {
        stream::iter(keys)
            .map(|key| async move {
                self.get(key).await?.ok_or_else(|| StateError::broken(self.place(key), "it is gone"))
            })
            .buffered(READS)
            .try_collect()
            .await
    }

    /// The names of what lies in a folder: objects, and what further `/` make folders of.
    pub(crate) async fn names(&self, folder: &str) -> Result<Vec<String>, StateError> {
        let path = self.path(folder)?;
        let listed = self.objects.list_with_delimiter(Some(&path)).await;
        let listed = listed.map_err(|error| self.problem("list", folder, &error))?;
        let paths = listed.objects.into_iter().map(|object| object.location).chain(listed.common_prefixes);
        Ok(paths.filter_map(|path| path.filename().map(ToOwned::to_owned)).collect())
    }

    /// Puts an object, whatever was there.
    pub(crate) async fn overwrite(&self, key: &str, bytes: &'static [u8]) -> Result<(), StateError> {
        let put = self.objects.put(&self.path(key)?, PutPayload::from_static(bytes)).await;
        put.map(|_| ()).map_err(|error| self.problem("write", key, &error))
    }

    /// Puts an object that must not have been there; one with the same content has been put by us.
    pub(crate) async fn write_new(&self, key: &str, bytes: Vec<u8>) -> Result<(), StateError> {
        match self.create(key, &bytes.into(), &new_token()).await? {
            Created::Done(_) => Ok(()),
            Created::Other(_) => Err(StateError::broken(self.place(key), "another one of this name is there")),
        }
    }

    /// Puts an object where none is.
    pub(crate) async fn create(&self, key: &str, bytes: &bytes::Bytes, writer: &str) -> Result<Created, StateError> {
        let mut last = None;
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            let error = match self.put(key, bytes, writer, PutMode::Create).await {
                Ok(put) => return Ok(Created::Done(put.into())),
                Err(error) => error,
            };
            match self.find(key).await {
                Ok(Some(found)) if found.bytes == *bytes && found.writer.as_deref() == Some(writer) => {
                    return Ok(Created::Done(found.version));
                }
                Ok(Some(found)) => return Ok(Created::Other(found)),
                Ok(None) => last = Some(self.passing("write", key, &error)?),
                Err(unread) => {
                    last = Some(self.passing("write", key, &error)?);
                    self.passing("read", key, &unread)?;
                }
            }
        }
        Err(last.unwrap_or_else(|| StateError::broken(self.place(key), "it was not written")))
    }

    /// Puts an object in place of the one that is known. Its bytes must differ from all that was ever there.
    pub(crate) async fn replace(
        &self,
        key: &str,
        bytes: &bytes::Bytes,
        known: &UpdateVersion,
    ) -> Result<Replaced, StateError> {
        let mut last = None;
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            let error = match self.put(key, bytes, "", PutMode::Update(known.clone())).await {
                Ok(put) => return Ok(Replaced::Done(put.into())),
                Err(error) => error,
            };
            match self.find(key).await {
                Ok(Some(found)) if found.bytes == *bytes => return Ok(Replaced::Done(found.version)),
                Ok(Some(found)) if found.version.e_tag == known.e_tag => {
                    last = Some(self.passing("write", key, &error)?);
                }
                Ok(_) => return Ok(Replaced::Changed),
                Err(unread) => {
                    last = Some(self.passing("write", key, &error)?);
                    self.passing("read", key, &unread)?;
                }
            }
        }
        Err(last.unwrap_or_else(|| StateError::broken(self.place(key), "it was not written")))
    }

    async fn put(&self, key: &str, bytes: &bytes::Bytes, writer: &str, mode: PutMode) -> Result<PutResult, Error> {
        let path = self.parse(key)?;
        let mut attributes = Attributes::new();
        if !writer.is_empty() {
            attributes.insert(Attribute::Metadata(WRITER.into()), writer.to_owned().into());
        }
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        self.objects.put_opts(&path, PutPayload::from_bytes(bytes.clone()), options).await
    }

    async fn find(&self, key: &str) -> Result<Option<Found>, Error> {
        let read = async {
            let got = self.objects.get(&self.parse(key)?).await?;
            let version = UpdateVersion { e_tag: got.meta.e_tag.clone(), version: got.meta.version.clone() };
            let writer = got.attributes.get(&Attribute::Metadata(WRITER.into())).map(|writer| writer.to_string());
            Ok(Found { version, writer, bytes: got.bytes().await? })
        };
        match read.await {
            Ok(found) => Ok(Some(found)),
            Err(error @ Error::NotFound { .. }) if problem::kind(&error) == BucketProblem::NoBucket => Err(error),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn parse(&self, key: &str) -> Result<Path, Error> {
        let text = if self.prefix.as_ref().is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) };
        Ok(Path::parse(text)?)
    }

    fn path(&self, key: &str) -> Result<Path, StateError> {
        self.parse(key).map_err(|_| StateError::Name(key.to_owned()))
    }

    fn problem(&self, action: &'static str, key: &str, error: &Error) -> StateError {
        let (problem, why) = (problem::kind(error), problem::why(error));
        StateError::Bucket { action, place: self.place(key), problem, why }
    }

    /// The error as ours; an error if trying again is of no use.
    fn passing(&self, action: &'static str, key: &str, error: &Error) -> Result<StateError, StateError> {
        let ours = self.problem(action, key, error);
        match problem::kind(error) {
            BucketProblem::Unreachable | BucketProblem::Other => Ok(ours),
            _ => Err(ours),
        }
    }
}

/// A name that is not given twice.
pub(crate) fn new_token() -> String {
    format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}
