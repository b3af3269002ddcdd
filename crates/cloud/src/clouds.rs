//! Several accounts behind the port.

use amictl_model::AccountId;

use crate::Cloud;

/// The accounts whose credentials are at hand.
pub trait Clouds: Send + Sync {
    /// The port with this account's credentials; `None` where there are none.
    fn of(&self, account: AccountId) -> Option<&dyn Cloud>;
}
