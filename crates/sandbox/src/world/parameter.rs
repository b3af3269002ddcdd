//! SSM parameters with their versions and labels.

use std::collections::BTreeSet;

use amictl_model::{AccountId, Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A parameter with its versions, the first one first; there is always one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Parameter {
    /// The versions that are kept, in the order of their numbers.
    pub versions: Vec<ParameterVersion>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// Accounts that may read it by its ARN.
    #[serde(default)]
    pub shared_with: BTreeSet<AccountId>,
}

/// One version of a parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ParameterVersion {
    /// `Version`, from 1 on.
    pub version: u64,
    /// `Value`.
    pub value: CompactString,
    /// `Type`.
    pub kind: ParameterType,
    /// `DataType`: `text` or `aws:ec2:image`.
    pub data_type: CompactString,
    /// `Description`.
    pub description: Option<String>,
    /// `KeyId` of a `SecureString`.
    pub key: Option<String>,
    /// `AllowedPattern`.
    pub allowed_pattern: Option<String>,
    /// Whether its tier is `Advanced`.
    pub is_advanced: bool,
    /// `LastModifiedDate`.
    pub modified_at: Moment,
    /// `LastModifiedUser`.
    pub modified_by: String,
    /// Labels that stand at this version.
    pub labels: Vec<CompactString>,
}

/// `Type` of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterType {
    /// Text.
    String,
    /// Texts with commas between them.
    StringList,
    /// Encrypted text.
    SecureString,
}

impl ParameterType {
    /// All types.
    pub(crate) const ALL: [Self; 3] = [Self::String, Self::StringList, Self::SecureString];

    /// The type on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

impl ParameterVersion {
    /// A version of plain text.
    #[must_use]
    pub fn text(version: u64, value: &str, now: Moment) -> Self {
        Self {
            version,
            value: value.into(),
            kind: ParameterType::String,
            data_type: "text".into(),
            description: None,
            key: None,
            allowed_pattern: None,
            is_advanced: false,
            modified_at: now,
            modified_by: String::new(),
            labels: Vec::new(),
        }
    }

    /// `Tier`.
    pub(crate) fn tier(&self) -> &'static str {
        if self.is_advanced { "Advanced" } else { "Standard" }
    }
}

impl Parameter {
    /// The version that a number or a label stands for; the newest one without a selector.
    #[must_use]
    pub fn version(&self, selector: Option<&str>) -> Option<&ParameterVersion> {
        let Some(selector) = selector else { return self.versions.last() };
        match selector.parse::<u64>() {
            Ok(number) => self.versions.iter().find(|version| version.version == number),
            Err(_) => self.versions.iter().find(|version| version.labels.iter().any(|label| label == selector)),
        }
    }

    /// The value of a version's number or label; of the newest one without a selector.
    #[must_use]
    pub fn value(&self, selector: Option<&str>) -> Option<&str> {
        self.version(selector).map(|version| version.value.as_str())
    }

    /// The number that the next version will have.
    #[must_use]
    pub fn next_version(&self) -> u64 {
        self.versions.last().map_or(1, |version| version.version + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_a_number_or_a_label() {
        let mut parameter = Parameter::default();
        for value in ["a", "b"] {
            let version = ParameterVersion::text(parameter.next_version(), value, Moment::from_secs(1));
            parameter.versions.push(version);
        }
        parameter.versions[0].labels.push("golden".into());
        for (selector, value) in [
            (None, Some("b")),
            (Some("1"), Some("a")),
            (Some("golden"), Some("a")),
            (Some("3"), None),
            (Some("x"), None),
        ] {
            assert_eq!(parameter.value(selector), value, "{selector:?}");
        }
    }
}
