//! Faults by rule: which call, and how it goes wrong.

use std::path::Path;

use amictl_cloud::OperationSpec;
use amictl_model::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::entrance::Arrival;
use super::kind::FaultKind;
use crate::Caller;

/// The rules of a sandbox; the first one that applies to a call is the one that counts. The form of a file of rules is
/// told in `FAULTS.md`.
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
    /// Only Cloud Control calls about this type of resource, such as `AWS::Batch::ComputeEnvironment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
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
    /// Each by chance, which the sandbox's seed decides.
    Probability(Probability),
}

/// A probability, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

// A probability is a number, so it equals itself.
impl Eq for Probability {}

/// A number is no probability.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is not a probability; write a number from 0 to 1")]
pub struct ProbabilityError(f64);

impl TryFrom<f64> for Probability {
    type Error = ProbabilityError;

    fn try_from(number: f64) -> Result<Self, ProbabilityError> {
        if (0.0..=1.0).contains(&number) { Ok(Self(number)) } else { Err(ProbabilityError(number)) }
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
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
            resource_type: None,
            when: When::Always,
            phase: Phase::Before,
            kind,
        }
    }

    /// A rule that denies an operation, with the code of its service.
    #[must_use]
    pub fn denied(operation: &str) -> Self {
        Self::new(operation, FaultKind::AccessDenied)
    }

    /// The same, in one Region only.
    #[must_use]
    pub fn in_region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// The same, only for Cloud Control calls about a type of resource.
    #[must_use]
    pub fn about_type(mut self, resource_type: &str) -> Self {
        self.resource_type = Some(resource_type.to_owned());
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
    pub(crate) fn is_about(&self, arrival: &Arrival<'_>) -> bool {
        (self.operation == "*" || self.operation == arrival.spec.name)
            && (self.kind != FaultKind::ExpiredPageToken || arrival.has_page_token)
            && self.resource_type.as_deref().is_none_or(|kind| arrival.resource_type == Some(kind))
            && self.is_where(arrival.caller)
    }

    /// Whether the rule is about an operation that another one carries out as part of its own: if it names it.
    pub(crate) fn is_about_within(&self, spec: &OperationSpec, caller: &Caller) -> bool {
        self.operation == spec.name && self.is_where(caller)
    }

    fn is_where(&self, caller: &Caller) -> bool {
        self.account.is_none_or(|account| account == caller.account)
            && self.region.as_ref().is_none_or(|region| *region == caller.region)
    }
}

impl When {
    /// Whether it is the call of this number; `draw` is a number in `0.0..1.0`.
    pub(crate) fn is_now(self, number: u64, draw: impl FnOnce() -> f64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::First(count) => number <= count,
            Self::Every(count) => count > 0 && number.is_multiple_of(count),
            Self::Probability(Probability(probability)) => draw() < probability,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the documentation, one rule a line.
    #[test]
    fn what_is_documented_is_read() {
        let text = include_str!("../../FAULTS.md");
        let examples: Vec<&str> = text.split("```json").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(examples.len() >= 2);
        for example in examples {
            let rules: FaultRules = serde_json::from_str(example).unwrap_or_else(|error| panic!("{error}: {example}"));
            let again = serde_json::to_string(&rules).unwrap();
            assert_eq!(serde_json::from_str::<FaultRules>(&again).unwrap(), rules);
        }
    }

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
        for rule in [
            r#"{"operation": "*", "kind": "rset"}"#,
            r#"{"operation": "*", "kind": {"stall": {"secs": 1}}}"#,
            r#"{"operation": "*", "kind": "reset", "when": {"probability": 1.5}}"#,
            r#"{"operation": "*", "kind": "reset", "when": {"probability": -0.1}}"#,
        ] {
            assert!(serde_json::from_str::<FaultRules>(&format!("{{\"rules\": [{rule}]}}")).is_err(), "{rule}");
        }
    }
}
