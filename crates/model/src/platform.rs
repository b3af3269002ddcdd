//! The platform of an image, in one byte: images are held by the million.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `PlatformDetails`: what an image runs and is billed as, such as `Linux/UNIX` or `Windows with SQL Server Web`.
///
/// The values are those of AWS's documentation ("AMI billing information fields"). The default is that it was not read.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Platform(u8);

/// What a value stands for.
const NAMES: [&str; 21] = [
    // Not sent, or an inventory of before it was read.
    "",
    // One that this version does not know.
    "other",
    "Linux/UNIX",
    "Red Hat BYOL Linux",
    "Red Hat Enterprise Linux",
    "Red Hat Enterprise Linux with HA",
    "Red Hat Enterprise Linux with SQL Server Standard and HA",
    "Red Hat Enterprise Linux with SQL Server Enterprise and HA",
    "Red Hat Enterprise Linux with SQL Server Standard",
    "Red Hat Enterprise Linux with SQL Server Web",
    "Red Hat Enterprise Linux with SQL Server Enterprise",
    "SQL Server Enterprise",
    "SQL Server Standard",
    "SQL Server Web",
    "SUSE Linux",
    "Ubuntu Pro",
    "Windows",
    "Windows BYOL",
    "Windows with SQL Server Enterprise",
    "Windows with SQL Server Standard",
    "Windows with SQL Server Web",
];

impl Platform {
    /// It was not read.
    pub const UNREAD: Self = Self(0);
    const OTHER: Self = Self(1);

    /// The platform of this wire text.
    #[must_use]
    pub fn from_wire(text: &str) -> Self {
        let place = NAMES.iter().position(|name| *name == text).and_then(|place| u8::try_from(place).ok());
        place.map_or(Self::OTHER, Self)
    }

    /// The text AWS uses on the wire; nothing where it was not read, and `other` for one that this version does not know.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// The text where it was read and is one that this version knows.
    #[must_use]
    pub fn known(self) -> Option<&'static str> {
        (self.0 > Self::OTHER.0).then(|| self.as_str())
    }

    /// `Platform`: AWS sends `windows` for what runs Windows, and nothing for what does not. `None` where that is not known.
    #[must_use]
    pub fn is_windows(self) -> Option<bool> {
        self.known().map(|name| name.starts_with("Windows"))
    }

    /// Whether it was not read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        *self == Self::UNREAD
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_wire(&Cow::<'de, str>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_is_written_and_read_back() {
        for name in NAMES {
            let platform = Platform::from_wire(name);
            assert_eq!(platform.as_str(), name);
            assert_eq!(serde_json::from_str::<Platform>(&serde_json::to_string(&platform).unwrap()).unwrap(), platform);
        }
        assert_eq!((Platform::from_wire("").known(), Platform::from_wire("Plan 9").known()), (None, None));
        assert_eq!(Platform::from_wire("Plan 9").as_str(), "other");
        assert_eq!(Platform::from_wire("Windows BYOL").is_windows(), Some(true));
        assert_eq!(Platform::from_wire("SQL Server Web").is_windows(), Some(false));
        assert_eq!(Platform::default().is_windows(), None);
    }
}
