//! Identifiers as newtypes: an image id can never be passed where a snapshot id is meant.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct IdError {
    text: String,
    expected: &'static str,
}

/// A resource id: the prefix, then 1 to 64 letters or digits (AWS sends 8 or 17 hexadecimal digits; emulators send others).
fn is_resource_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

macro_rules! resource_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(CompactString);

        impl $name {
            /// The prefix of every such id.
            pub const PREFIX: &'static str = $prefix;

            /// The id as AWS writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_resource_id(text, $prefix) {
                    Ok(Self(CompactString::new(text)))
                } else {
                    Err(IdError { text: text.chars().take(80).collect(), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = CompactString::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

resource_id!(
    /// The id of an Amazon Machine Image, such as `ami-0123456789abcdef0`.
    ImageId, "ami-", "an image id (`ami-` and letters or digits)"
);
resource_id!(
    /// The id of an EBS snapshot, such as `snap-0123456789abcdef0`.
    SnapshotId, "snap-", "a snapshot id (`snap-` and letters or digits)"
);

resource_id!(
    /// The id of an EBS volume, such as `vol-0123456789abcdef0`.
    VolumeId, "vol-", "a volume id (`vol-` and letters or digits)"
);
resource_id!(
    /// The id of an instance, such as `i-0123456789abcdef0`.
    InstanceId, "i-", "an instance id (`i-` and letters or digits)"
);

impl ImageId {
    /// The id that no image has.
    pub const NONE: &'static Self = &Self(CompactString::const_new("ami-none"));
}

/// An AWS account: twelve digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(u64);

impl FromStr for AccountId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError { text: text.chars().take(80).collect(), expected: "an account id (twelve digits)" };
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse().map(Self).map_err(|_| error())
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for AccountId {
    /// The digits by hand: a plan says the account of each of its images.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [b'0'; 12];
        let (high, low) = (self.0 / 1_000_000, self.0 % 1_000_000);
        // Two halves of 32 bits each, as dividing those is faster.
        for (half, digits) in [high, low].into_iter().zip(digits.chunks_exact_mut(6)) {
            let mut rest = half as u32;
            for digit in digits.iter_mut().rev() {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
        }
        serializer.serialize_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An AWS Region by its code, such as `us-east-1`. A clone shares it and is one pointer wide: a plan has one an image.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Region(Arc<RegionCode>);

/// What the clones of a Region share.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
struct RegionCode(Box<str>);

impl Region {
    /// The code as AWS writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl FromStr for Region {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let shaped = text.len() <= 32
            && text.split('-').count() >= 3
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        if shaped {
            Ok(Self(Arc::new(RegionCode(text.into()))))
        } else {
            Err(IdError { text: text.chars().take(80).collect(), expected: "a Region code (such as `us-east-1`)" })
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_both_lengths_are_kept_whole() {
        for text in ["ami-12345678", "ami-0123456789abcdef0"] {
            assert_eq!(text.parse::<ImageId>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "ami-", "snap-12345678", "ami-1234 ; rm", "resolve:ssm:/golden", "ami-\u{1b}[31m"] {
            assert!(text.parse::<ImageId>().is_err(), "{text}");
        }
        for text in ["12345678901", "1234567890123", "12345678901a", "+12345678901"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
        for text in ["us-east", "US-EAST-1", "us--1", "us-east-1; x"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }

    #[test]
    fn account_ids_keep_their_leading_zeros() {
        let account = "000000000012".parse::<AccountId>().unwrap();
        assert_eq!(account.to_string(), "000000000012");
        assert_eq!(serde_json::to_string(&account).unwrap(), "\"000000000012\"");
    }
}
