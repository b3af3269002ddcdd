//! SNS topics and what was published to them.

use std::collections::BTreeMap;

use amictl_model::{Moment, Tags};
use serde::{Deserialize, Serialize};

/// An SNS topic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name, the last part of its ARN.
    pub name: String,
    /// Attributes that were set.
    pub attributes: BTreeMap<String, String>,
    /// Tags.
    pub tags: Tags,
    /// Who gets what is published.
    pub subscriptions: Vec<Subscription>,
    /// What was published, the oldest first.
    pub messages: Vec<PublishedMessage>,
}

/// A subscription to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The last part of its ARN.
    pub id: String,
    /// `Protocol`.
    pub protocol: String,
    /// `Endpoint`.
    pub endpoint: String,
}

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedMessage {
    /// `MessageId`.
    pub id: String,
    /// `Subject`.
    pub subject: Option<String>,
    /// `Message`.
    pub message: String,
    /// `MessageAttributes`: their types and values.
    pub attributes: BTreeMap<String, (String, String)>,
    /// When it was published.
    pub published_at: Moment,
}
