//! Who calls, and from where.

use amictl_model::{AccountId, Region};
use compact_str::CompactString;

/// The account of access keys that name none.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// An account in a Region, with the key that it signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The Region of the credential scope.
    pub region: Region,
    /// The access key id; empty for a call in process.
    pub access_key: CompactString,
}

/// The account that an access key id stands for: the first run of exactly twelve digits in it, else [`DEFAULT_ACCOUNT`].
///
/// So `123456789012` and `AKIA123456789012ABCD` are keys of account 123456789012, and `test` is one of the default account.
#[must_use]
pub fn account_of_access_key(key: &str) -> AccountId {
    key.split(|character: char| !character.is_ascii_digit())
        .find(|digits| digits.len() == 12)
        .unwrap_or(DEFAULT_ACCOUNT)
        .parse()
        .expect("twelve digits are an account id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_their_account() {
        for (key, account) in [
            ("210987654321", "210987654321"),
            ("AKIA210987654321ABCD", "210987654321"),
            ("test", DEFAULT_ACCOUNT),
            ("", DEFAULT_ACCOUNT),
            ("AKIA2109876543210000", DEFAULT_ACCOUNT),
        ] {
            assert_eq!(account_of_access_key(key).to_string(), account, "{key}");
        }
    }
}
