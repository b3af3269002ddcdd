//! Who belongs to an organization or an organizational unit.

use amictl_model::AccountId;

use super::World;

impl World {
    /// Whether an account belongs to the organization, or to the organizational unit, of this ARN.
    pub(crate) fn is_member(&self, account: AccountId, arn: &str) -> bool {
        self.organization().is_some_and(|organization| organization.contains(arn, account))
    }
}
