//! What a policy never retires, whatever family it belongs to.

use amictl_model::{AccountId, ImageId, Scope, Tags};

use crate::selector::{Selector, Subject, tags_match};
use crate::{Glob, Truth};

/// One entry of `protect`: what it matches is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum ProtectRule {
    /// All these tags, their values matched by globs. Snapshots with these tags are kept too.
    Tag(Vec<(Box<str>, Glob)>),
    /// Images whose name matches.
    Name(Glob),
    /// One image.
    Image(ImageId),
    /// Every image and snapshot of an account.
    Account(AccountId),
    /// Images that a selector chooses.
    Where(Selector),
}

impl ProtectRule {
    /// Whether the rule keeps this image.
    #[must_use]
    pub fn truth(&self, subject: &Subject<'_>) -> Truth {
        match self {
            Self::Tag(tags) => tags_match(tags, &subject.image.tags).into(),
            Self::Name(glob) => glob.is_match(&subject.image.name).into(),
            Self::Image(id) => (*id == subject.image.id).into(),
            Self::Account(account) => (*account == subject.scope.account).into(),
            Self::Where(selector) => selector.truth(subject),
        }
    }

    /// Whether the rule keeps a snapshot with these tags.
    #[must_use]
    pub fn matches_snapshot(&self, tags: &Tags, scope: &Scope) -> bool {
        match self {
            Self::Tag(globs) => tags_match(globs, tags),
            Self::Account(account) => *account == scope.account,
            Self::Name(_) | Self::Image(_) | Self::Where(_) => false,
        }
    }

    /// The rule in a few words, such as `tag amictl:keep=*`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Tag(tags) => {
                let tags: Vec<String> = tags.iter().map(|(key, glob)| format!("{key}={}", glob.as_str())).collect();
                format!("tag {}", tags.join(", "))
            }
            Self::Name(glob) => format!("name {}", glob.as_str()),
            Self::Image(id) => format!("image {id}"),
            Self::Account(account) => format!("account {account}"),
            Self::Where(selector) => format!("what is {selector}"),
        }
    }
}
