//! Faults by rule: which call, and how it goes wrong.

use std::path::Path;

use amictl_model::{AccountId, Region};
use serde::{Deserialize, Serialize};

use crate::Caller;

/// The rules of a sandbox; the first one that applies to a call is the one that counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRules {
    /// In order.
    pub rules: Vec<FaultRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The operation's name, such as `DisableImage`, or `*` for all.
    pub operation: String,
    /// Only calls of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Only calls to this Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Which of these calls.
    #[serde(default)]
    pub when: When,
    /// Before or after the call takes effect.
    #[serde(default)]
    pub phase: Phase,
    /// How it goes wrong.
    pub kind: FaultKind,
}

/// Which of the calls that a rule is about, counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Every one.
    #[default]
    Always,
    /// This one only.
    Nth(u64),
    /// So many at the beginning.
    First(u64),
    /// Every one of this many.
    Every(u64),
}

/// Whether the call takes effect before it goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It has no effect.
    #[default]
    Before,
    /// It has its effect, and goes wrong all the same.
    After,
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// An error of AWS.
    Error {
        /// The code, such as `UnauthorizedOperation`.
        code: String,
        /// The HTTP status.
        status: u16,
        /// The message.
        message: String,
    },
    /// `RequestLimitExceeded` (EC2) or `Throttling`.
    Throttle,
    /// `InternalError` with HTTP status 500.
    ServerError,
    /// The connection breaks without an answer.
    Reset,
    /// The reply carries the same page token every time, so that the list never ends.
    RepeatedToken,
}

/// Why a file of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FaultRulesError {
    /// It cannot be read.
    #[error("cannot read the fault rules {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no file of rules.
    #[error("{path} is not a file of fault rules: {source}")]
    Parse {
        /// The file.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

impl FaultRules {
    /// Reads a JSON file: `{"rules": [{"operation": "DescribeInstances", "when": {"nth": 2}, "kind": "throttle"}]}`.
    ///
    /// # Errors
    /// When the file cannot be read or is not of this form.
    pub fn load(path: &Path) -> Result<Self, FaultRulesError> {
        let shown = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| FaultRulesError::Read { path: shown.clone(), source })?;
        serde_json::from_str(&text).map_err(|source| FaultRulesError::Parse { path: shown, source })
    }
}

impl From<Vec<FaultRule>> for FaultRules {
    fn from(rules: Vec<FaultRule>) -> Self {
        Self { rules }
    }
}

impl FaultRule {
    /// A rule for all calls of an operation, wherever they come from.
    #[must_use]
    pub fn new(operation: &str, kind: FaultKind) -> Self {
        Self {
            operation: operation.to_owned(),
            account: None,
            region: None,
            when: When::Always,
            phase: Phase::Before,
            kind,
        }
    }

    /// A rule that denies an operation, with the code of its service.
    #[must_use]
    pub fn denied(operation: &str) -> Self {
        let is_auto_scaling = operation.contains("AutoScaling") || operation.contains("LaunchConfiguration");
        let (code, message) = if is_auto_scaling {
            ("AccessDenied", format!("User is not authorized to perform: autoscaling:{operation}"))
        } else {
            ("UnauthorizedOperation", format!("You are not authorized to perform this operation. ({operation})"))
        };
        Self::new(operation, FaultKind::Error { code: code.to_owned(), status: 403, message })
    }

    /// The same, in one Region only.
    #[must_use]
    pub fn in_region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// The same, for some of the calls only.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// The same, after the call has had its effect.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.phase = Phase::After;
        self
    }

    /// Whether the rule is about a call.
    pub(crate) fn is_about(&self, operation: &str, caller: &Caller) -> bool {
        (self.operation == "*" || self.operation == operation)
            && self.account.is_none_or(|account| account == caller.account)
            && self.region.as_ref().is_none_or(|region| *region == caller.region)
    }
}

impl When {
    /// Whether it is the call of this number.
    pub(crate) fn is_now(self, number: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::First(count) => number <= count,
            Self::Every(count) => count > 0 && number.is_multiple_of(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_unknown_keys_refused() {
        let text = r#"{"rules": [
            {"operation": "DescribeInstances", "region": "eu-west-1", "when": {"nth": 2}, "kind": "throttle"},
            {"operation": "DisableImage", "phase": "after", "kind": "reset"},
            {"operation": "*", "kind": {"error": {"code": "UnauthorizedOperation", "status": 403, "message": "no"}}}
        ]}"#;
        let rules: FaultRules = serde_json::from_str(text).unwrap();
        assert_eq!(rules.rules[0].when, When::Nth(2));
        assert_eq!((rules.rules[1].phase, &rules.rules[1].kind), (Phase::After, &FaultKind::Reset));
        assert!(
            serde_json::from_str::<FaultRules>(r#"{"rules": [{"operation": "*", "kind": "reset", "wen": 1}]}"#)
                .is_err()
        );
        assert!(serde_json::from_str::<FaultRules>(r#"{"rules": [{"operation": "*", "kind": "rset"}]}"#).is_err());
    }
}
