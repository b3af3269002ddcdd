//! Who else may launch an image.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::AccountId;

/// One launch permission (EC2 `LaunchPermission`: `UserId`, `Group`, `OrganizationArn`, `OrganizationalUnitArn`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// One account.
    Account(AccountId),
    /// A group; AWS knows only `all`, which makes the image public.
    Group(Box<str>),
    /// An organization, by ARN.
    Organization(Box<str>),
    /// An organizational unit, by ARN.
    OrganizationalUnit(Box<str>),
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "account {account}"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Organization(arn) => write!(f, "organization {arn}"),
            Self::OrganizationalUnit(arn) => write!(f, "organizational unit {arn}"),
        }
    }
}

/// What is known of an image's launch permissions. Not read is not "private".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaunchPermissions {
    /// Not asked for: `DescribeImageAttribute` takes one image a call, so only images whose verdict depends on it are read.
    #[default]
    Unread,
    /// Read whole: sorted, empty when the image is private.
    Read(Box<[Grantee]>),
    /// Asked for and not answered, with the error.
    Unreadable(Box<str>),
}

impl LaunchPermissions {
    /// Permissions as read, sorted.
    #[must_use]
    pub fn read(grantees: impl IntoIterator<Item = Grantee>) -> Self {
        let mut grantees: Vec<Grantee> = grantees.into_iter().collect();
        grantees.sort();
        grantees.dedup();
        Self::Read(grantees.into_boxed_slice())
    }

    /// The grantees, if they are known.
    #[must_use]
    pub fn known(&self) -> Option<&[Grantee]> {
        match self {
            Self::Read(grantees) => Some(grantees),
            Self::Unread | Self::Unreadable(_) => None,
        }
    }
}
