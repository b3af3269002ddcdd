//! The organization that the accounts belong to.

use std::collections::{BTreeMap, BTreeSet};

use amictl_model::{AccountId, Moment};
use serde::{Deserialize, Serialize};

/// An organization of AWS Organizations: a root, units below it, and accounts in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `Id`, such as `o-exampleorgid`.
    pub id: String,
    /// The management account.
    pub management: AccountId,
    /// The root's id, such as `r-ab12`.
    pub root: String,
    /// The organizational units by id.
    pub units: BTreeMap<String, Unit>,
    /// The accounts, the management account among them.
    pub accounts: BTreeMap<AccountId, Member>,
    /// Accounts that may read the organization although they do not manage it.
    #[serde(default)]
    pub delegated: BTreeSet<AccountId>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// `Name`.
    pub name: String,
    /// The id of the root or of the unit that it is in.
    pub parent: String,
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// `Name`.
    pub name: String,
    /// `Email`.
    pub email: String,
    /// The id of the root or of the unit that it is in.
    pub parent: String,
    /// `JoinedTimestamp`.
    pub joined_at: Moment,
    /// Whether it was closed, so that its status is `SUSPENDED`.
    pub is_suspended: bool,
    /// `JoinedMethod` is `CREATED` and not `INVITED`.
    pub was_created: bool,
}

impl Member {
    /// A member of this name that was invited.
    #[must_use]
    pub fn new(name: &str, parent: &str, joined_at: Moment) -> Self {
        Self {
            name: name.to_owned(),
            email: format!("{}@example.com", name.replace(' ', "-").to_ascii_lowercase()),
            parent: parent.to_owned(),
            joined_at,
            is_suspended: false,
            was_created: false,
        }
    }
}

impl Organization {
    /// An organization with no units, whose accounts are all in the root; `number` decides what its ids look like.
    #[must_use]
    pub fn new(management: AccountId, accounts: &BTreeSet<AccountId>, number: u64, now: Moment) -> Self {
        let root = format!("r-{}", base36(number, 4));
        let all = accounts.iter().copied().chain([management]);
        Self {
            id: format!("o-{}", base36(number.rotate_left(17), 10)),
            management,
            units: BTreeMap::new(),
            accounts: all.map(|id| (id, Member::new(&format!("account {id}"), &root, now))).collect(),
            delegated: BTreeSet::new(),
            root,
        }
    }

    /// The organization's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:organizations::{}:organization/{}", self.management, self.id)
    }

    /// The ARN of the root, of a unit or of an account of this id.
    #[must_use]
    pub fn arn_of(&self, id: &str) -> String {
        let kind = match id.split_once('-').map(|(prefix, _)| prefix) {
            Some("ou") => "ou",
            Some("r") => "root",
            _ => "account",
        };
        format!("arn:aws:organizations::{}:{kind}/{}/{id}", self.management, self.id)
    }

    /// Whether an account is in what an ARN names: the whole organization, or a unit with all that is below it.
    #[must_use]
    pub fn contains(&self, arn: &str, account: AccountId) -> bool {
        let Some(member) = self.accounts.get(&account) else { return false };
        if arn == self.arn() {
            return true;
        }
        self.ancestors(&member.parent).any(|id| self.arn_of(id) == arn)
    }

    /// A root or unit, and what it is in, up to the root.
    fn ancestors<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        // A tree of units that came from a file might be a ring.
        std::iter::successors(Some(id), |id| self.units.get(*id).map(|unit| unit.parent.as_str()))
            .take(self.units.len() + 1)
    }

    /// Whether there is a root or unit of this id.
    #[must_use]
    pub fn has_parent(&self, id: &str) -> bool {
        id == self.root || self.units.contains_key(id)
    }

    /// How many levels of units are between the root and what is in this parent.
    pub(crate) fn depth(&self, parent: &str) -> usize {
        self.ancestors(parent).filter(|id| *id != self.root).count()
    }
}

/// Lowercase letters and digits that a number is written with.
pub(crate) fn base36(mut number: u64, length: usize) -> String {
    let mut text = String::with_capacity(length);
    for _ in 0..length {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        text.extend(char::from_digit(digit, 36));
        number /= 36;
    }
    text
}

/// Whether accounts are in an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Membership {
    /// All accounts that exist are in one, without units.
    #[default]
    Everyone,
    /// There is none.
    Nobody,
    /// They are in this one.
    In(Organization),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_contains_the_accounts_of_the_units_below_it() {
        let (one, two): (AccountId, AccountId) = ("111111111111".parse().unwrap(), "222222222222".parse().unwrap());
        let mut organization = Organization::new(one, &BTreeSet::from([two]), 7, Moment::from_secs(1));
        let root = organization.root.clone();
        for (id, parent) in [("ou-a", root.as_str()), ("ou-b", "ou-a")] {
            organization.units.insert(id.to_owned(), Unit { name: id.to_owned(), parent: parent.to_owned() });
        }
        organization.accounts.get_mut(&two).unwrap().parent = "ou-b".to_owned();
        for (arn, is_one_in, is_two_in) in [
            (organization.arn(), true, true),
            (organization.arn_of(&root), true, true),
            (organization.arn_of("ou-a"), false, true),
            (organization.arn_of("ou-b"), false, true),
            ("arn:aws:organizations::333333333333:organization/o-other".to_owned(), false, false),
        ] {
            assert_eq!((organization.contains(&arn, one), organization.contains(&arn, two)), (is_one_in, is_two_in));
        }
        assert!(!organization.contains(&organization.arn(), "333333333333".parse().unwrap()));
        assert_eq!((organization.depth(&root), organization.depth("ou-b")), (0, 2));
    }

    #[test]
    fn a_ring_of_units_ends() {
        let one: AccountId = "111111111111".parse().unwrap();
        let mut organization = Organization::new(one, &BTreeSet::new(), 7, Moment::from_secs(1));
        for (id, parent) in [("ou-a", "ou-b"), ("ou-b", "ou-a")] {
            organization.units.insert(id.to_owned(), Unit { name: id.to_owned(), parent: parent.to_owned() });
        }
        organization.accounts.get_mut(&one).unwrap().parent = "ou-a".to_owned();
        assert!(!organization.contains("arn:aws:organizations::111111111111:ou/o-x/ou-z", one));
    }
}
