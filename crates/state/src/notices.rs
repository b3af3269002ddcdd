//! `notices/<target>/<until when it counts>-<id>.json`: what was sent, a file a message, never changed.
//!
//! A file is written once its message was taken, so that nothing is remembered that was not sent. Its name begins with the last day that it
//! tells of: what has long passed need not be read.

use amictl_model::{AccountId, ImageId, Moment, Region};
use amictl_policy::Stage;
use serde::{Deserialize, Serialize};

use crate::store::{hash, key};
use crate::{StateError, Store};

const KIND: &str = "notices";
const SUFFIX: &str = ".json";

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentNotice {
    /// When.
    pub sent_at: Moment,
    /// What the target is called to people.
    pub target: String,
    /// The owner that it was for. Attacker-controlled text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Box<str>>,
    /// What it told of; not empty.
    pub about: Vec<SentStage>,
}

/// A stage that a message told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentStage {
    /// Account of the image.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// The image.
    pub image_id: ImageId,
    /// The stage.
    pub stage: Stage,
    /// When it was said to come at the earliest.
    pub not_before: Moment,
}

impl Store {
    /// Remembers that a message was sent to the target of this key; `id` is a name that is not given twice.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn save_notice(&self, target_key: &str, id: &str, notice: &SentNotice) -> Result<(), StateError> {
        let last = notice.about.iter().map(|stage| stage.not_before).max().unwrap_or(notice.sent_at);
        let key = key(&folder_of(target_key), &format!("{}-{id}{SUFFIX}", stamp(last)))?;
        let mut bytes =
            serde_json::to_vec(notice).map_err(|error| StateError::broken(self.place(&key), error.to_string()))?;
        bytes.push(b'\n');
        if self.create(&key, bytes).await? {
            Ok(())
        } else {
            Err(StateError::broken(self.place(&key), "another one of this name is there"))
        }
    }

    /// What was sent to the target of this key and tells of a stage at `since` or later.
    ///
    /// # Errors
    /// [`StateError`] when one of the files cannot be read or is none.
    pub async fn sent_notices(&self, target_key: &str, since: Moment) -> Result<Vec<SentNotice>, StateError> {
        let folder = folder_of(target_key);
        let since = stamp(since);
        let names = self.names(&folder).await?;
        let counts = |name: &&String| name.ends_with(SUFFIX) && name.as_str() >= since.as_str();
        let keys: Vec<String> = names.iter().filter(counts).map(|name| format!("{folder}/{name}")).collect();
        let read = self.read_all(&keys).await?;
        let notices = keys.iter().zip(read).map(|(key, bytes)| {
            serde_json::from_slice(&bytes)
                .map_err(|error| StateError::broken(self.place(key), format!("not a notice: {error}")))
        });
        notices.collect()
    }
}

/// The folder of a target: its key may hold what names may not.
fn folder_of(target_key: &str) -> String {
    format!("{KIND}/{}", hash(&[target_key]))
}

/// A moment as a text that sorts by time.
fn stamp(moment: Moment) -> String {
    moment.to_timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
}
