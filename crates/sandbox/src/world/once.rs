//! Requests that are carried out once however often they are sent: `ClientToken`.

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

use super::{Scope, Shelf};

/// What was answered to the request of a client token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// A fingerprint of the parameters.
    fingerprint: u64,
    /// The id that was answered.
    id: CompactString,
}

/// Tokens with the operations that they were sent to.
pub(crate) type AnsweredTokens = Shelf<CompactString, Answered>;

/// A token that was sent before with other parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenMismatch;

impl Scope {
    /// The id that this operation answered to this token before.
    pub(crate) fn answered(
        &self,
        operation: &str,
        token: &str,
        fingerprint: u64,
    ) -> Result<Option<&str>, TokenMismatch> {
        match self.answered_tokens.get(&format_compact!("{operation}/{token}")) {
            None => Ok(None),
            Some(answered) if answered.fingerprint == fingerprint => Ok(Some(&answered.id)),
            Some(_) => Err(TokenMismatch),
        }
    }

    /// Keeps what was answered to this token.
    pub(crate) fn note_answer(&mut self, operation: &str, token: &str, fingerprint: u64, id: &str) {
        let answered = Answered { fingerprint, id: id.into() };
        self.answered_tokens.insert(format_compact!("{operation}/{token}"), answered);
    }
}
