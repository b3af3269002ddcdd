//! The accounts that AWS calls by a name.

use amictl_model::AccountId;

/// Accounts that publish AWS's own images, and AWS Marketplace; AWS keeps the full list to itself.
const ALIASES: &[(&str, &str)] = &[
    ("013907871322", "amazon"),
    ("045324592363", "amazon"),
    ("099720109477", "amazon"),
    ("102837901569", "amazon"),
    ("137112412989", "amazon"),
    ("309956199498", "amazon"),
    ("591542846629", "amazon"),
    ("602401143452", "amazon"),
    ("679593333241", "aws-marketplace"),
    ("801119661308", "amazon"),
    ("877902723034", "amazon"),
    ("898082745236", "amazon"),
];

/// `ImageOwnerAlias` of an account.
pub(crate) fn owner_alias(account: AccountId) -> Option<&'static str> {
    let id = account.to_string();
    ALIASES.binary_search_by_key(&id.as_str(), |(account, _)| account).ok().map(|at| ALIASES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_looked_up() {
        assert!(ALIASES.is_sorted());
        for (account, alias) in ALIASES {
            assert_eq!(owner_alias(account.parse().unwrap()), Some(*alias));
        }
        assert_eq!(owner_alias("123456789012".parse().unwrap()), None);
    }
}
