//! What was answered to requests with a client token, so that the same request again gets the same answer.

use std::collections::{BTreeMap, VecDeque};

use amictl_model::Moment;
use serde::{Deserialize, Serialize};

/// How long a client token is remembered.
const REMEMBERED_SECS: i64 = 24 * 3600;

/// A reply's content as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Written {
    /// Members of an XML document.
    Xml(String),
    /// A JSON document with its HTTP status.
    Json(u16, serde_json::Value),
}

/// The replies of the last 24 hours to requests with a client token.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Replies {
    replies: BTreeMap<String, Remembered>,
    /// When they were given, the oldest first.
    given: VecDeque<(Moment, String)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remembered {
    at: Moment,
    /// A digest of the request's parameters.
    parameters: u64,
    reply: Written,
}

/// What is known of a request with a client token.
#[derive(Debug, PartialEq)]
pub(crate) enum Recall {
    /// It is new.
    New,
    /// It was answered before.
    Same(Written),
    /// Its token came before with other parameters.
    Other,
}

impl Replies {
    /// What is known of a request, whose key names its token and whatever the token is bound to.
    pub(crate) fn recall(&self, key: &str, parameters: u64, now: Moment) -> Recall {
        match self.replies.get(key) {
            Some(known) if now.seconds_since(known.at) >= REMEMBERED_SECS => Recall::New,
            Some(known) if known.parameters == parameters => Recall::Same(known.reply.clone()),
            Some(_) => Recall::Other,
            None => Recall::New,
        }
    }

    /// Remembers a reply, and forgets those that are too old.
    pub(crate) fn remember(&mut self, key: String, parameters: u64, now: Moment, reply: Written) {
        while let Some((at, old)) = self.given.front()
            && now.seconds_since(*at) >= REMEMBERED_SECS
        {
            // The same token may have come again later.
            if self.replies.get(old).is_some_and(|known| known.at == *at) {
                self.replies.remove(old);
            }
            self.given.pop_front();
        }
        self.given.push_back((now, key.clone()));
        self.replies.insert(key, Remembered { at: now, parameters, reply });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_remembered_and_no_longer() {
        let now = Moment::from_secs(1_000_000);
        let mut replies = Replies::default();
        let reply = Written::Xml("<a/>".to_owned());
        replies.remember("token".to_owned(), 7, now, reply.clone());
        assert_eq!(replies.recall("token", 7, now.plus_secs(86_399)), Recall::Same(reply.clone()));
        assert_eq!(replies.recall("token", 8, now.plus_secs(1)), Recall::Other);
        assert_eq!(replies.recall("other", 7, now), Recall::New);
        assert_eq!(replies.recall("token", 8, now.plus_secs(86_400)), Recall::New);
        replies.remember("token".to_owned(), 8, now.plus_secs(86_400), reply.clone());
        assert_eq!((replies.replies.len(), replies.given.len()), (1, 1));
        let saved: Replies = serde_json::from_str(&serde_json::to_string(&replies).unwrap()).unwrap();
        assert_eq!(saved.recall("token", 8, now.plus_secs(86_401)), Recall::Same(reply));
    }
}
