//! Who belongs to an organization or an organizational unit.

use amictl_model::AccountId;

use super::World;

impl World {
    /// Whether an account belongs to the organization, or to the organizational unit, of this ARN: its management account
    /// does.
    pub(crate) fn is_member(&self, account: AccountId, arn: &str) -> bool {
        let Some(rest) = arn.strip_prefix("arn:aws:organizations::") else { return false };
        rest.split_once(':').is_some_and(|(management, _)| management == account.to_string())
    }
}
