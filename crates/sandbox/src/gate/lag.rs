//! Eventual consistency: how long a change takes to be seen.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::span::{SpanError, parse_span, show_span};

/// How long changes take to be seen; read from `5s`, `CopyImage=10s` or `5s,CopyImage=10s,DescribeImages=0s`.
///
/// A span without a name is about all changes. One with the name of a mutating operation is about the changes that this
/// operation makes. One with the name of a reading operation is about what this operation sees: changes that are older,
/// whoever made them. Mutating operations always act on what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lag {
    /// Of all changes.
    pub all: Duration,
    /// By the operation that changes, or that looks.
    pub by_operation: BTreeMap<String, Duration>,
}

impl Lag {
    /// The same lag for every change.
    #[must_use]
    pub fn of_all(all: Duration) -> Self {
        Self { all, by_operation: BTreeMap::new() }
    }

    /// Whether every change is seen at once.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.all.is_zero() && self.by_operation.values().all(Duration::is_zero)
    }

    /// How long the changes of an operation take to be seen.
    pub(crate) fn of_changes(&self, operation: &str) -> Duration {
        self.by_operation.get(operation).copied().unwrap_or(self.all)
    }

    /// How old changes must be for an operation to see them, if that does not depend on who made them.
    pub(crate) fn of_sight(&self, operation: &str) -> Option<Duration> {
        self.by_operation.get(operation).copied()
    }

    /// The longest that anything takes to be seen.
    pub(crate) fn longest(&self) -> Duration {
        self.by_operation.values().copied().max().unwrap_or_default().max(self.all)
    }
}

/// Why a text is no lag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LagError {
    /// A time in it is none.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// An operation has no name, or comes twice.
    #[error("'{0}' is not a lag; write 5s for all changes, or CopyImage=5s for those of one operation")]
    Form(String),
}

impl FromStr for Lag {
    type Err = LagError;

    fn from_str(text: &str) -> Result<Self, LagError> {
        let mut lag = Self::default();
        let mut is_all_said = false;
        for item in text.split(',').map(str::trim) {
            let form = || LagError::Form(item.chars().take(100).collect());
            let is_twice = match item.split_once('=') {
                Some((name, span)) => {
                    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                        return Err(form());
                    }
                    lag.by_operation.insert(name.to_owned(), parse_span(span)?).is_some()
                }
                None => {
                    lag.all = parse_span(item)?;
                    std::mem::replace(&mut is_all_said, true)
                }
            };
            if is_twice {
                return Err(form());
            }
        }
        Ok(lag)
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show_span(self.all))?;
        self.by_operation.iter().try_for_each(|(name, lag)| write!(f, ",{name}={}", show_span(*lag)))
    }
}

impl TryFrom<String> for Lag {
    type Error = LagError;

    fn try_from(text: String) -> Result<Self, LagError> {
        text.parse()
    }
}

impl From<Lag> for String {
    fn from(lag: Lag) -> Self {
        lag.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_read_by_operation() {
        let lag: Lag = "5s, CopyImage=10s,DescribeImages=0s".parse().unwrap();
        assert_eq!(lag.of_changes("CopyImage"), Duration::from_secs(10));
        assert_eq!(lag.of_changes("CreateTags"), Duration::from_secs(5));
        assert_eq!((lag.of_sight("DescribeImages"), lag.of_sight("DescribeTags")), (Some(Duration::ZERO), None));
        assert_eq!(lag.longest(), Duration::from_secs(10));
        assert_eq!(lag.to_string(), "5s,CopyImage=10s,DescribeImages=0s");
        assert!("0s".parse::<Lag>().unwrap().is_none() && "0s,A=0s".parse::<Lag>().unwrap().is_none());
        for text in ["", "5", "=5s", "5s,6s", "A=1s,A=2s", "A B=1s", "A=", "5s,"] {
            assert!(text.parse::<Lag>().is_err(), "{text}");
        }
    }
}
