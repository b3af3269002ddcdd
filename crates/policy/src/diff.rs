//! Which verdicts change from one policy to another. Pure.

use amictl_model::{Inventory, Moment};

use crate::{Policy, Verdict, judge};

/// An image that two policies decide on differently, or put into different families.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictChange {
    /// What the old policy says.
    pub old: Verdict,
    /// What the new policy says of the same image.
    pub new: Verdict,
}

/// The images of the inventory whose verdict changes from the old policy to the new one, in the order of the inventory. Other reasons for
/// the same decision are no change. All stages are judged, also those that are not carried out yet.
#[must_use]
pub fn diff(old: &Policy, new: &Policy, inventory: &Inventory, now: Moment) -> Vec<VerdictChange> {
    let before = judge(old, inventory, now);
    let after = judge(new, inventory, now);
    let pairs = before.into_iter().zip(after).map(|(old, new)| VerdictChange { old, new });
    pairs
        .filter(|change| change.old.decision != change.new.decision || change.old.family != change.new.family)
        .collect()
}
