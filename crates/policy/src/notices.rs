//! Which stages come soon, so that somebody has to be told. Pure: inventory × policy × now.

use std::sync::Arc;

use amictl_model::{Inventory, Moment};

use crate::forecast::forecast;
use crate::judge::DAY_SECS;
use crate::stages::Reached;
use crate::{Notify, Policy, Stage};

/// A stage that an image comes to soon, if nothing changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpcomingStage {
    /// Index into `Inventory::scopes`.
    pub scope: u32,
    /// Index into that scope's `images`.
    pub image: u32,
    /// The stage.
    pub stage: Stage,
    /// It does not come before this.
    pub not_before: Moment,
    /// The family of the policy that the image belongs to.
    pub family: Option<Arc<str>>,
    /// The value of the policy's `owner_tag`; `None` where the image has none. Attacker-controlled text.
    pub owner: Option<Box<str>>,
}

/// The stages that come within `notify.before` from `now` on, in the order of their days and of the inventory.
///
/// What comes is what a [`forecast`] says: windows are minded, and rules that keep an image for some time are over in time. An image that only
/// waits for something that is read when it would go counts too.
#[must_use]
pub fn upcoming_stages(policy: &Policy, notify: &Notify, inventory: &Inventory, now: Moment) -> Vec<UpcomingStage> {
    let secs = notify.before.as_secs();
    let until = now.plus_secs(secs);
    // A day more, as what is done on a day may have been due before it.
    let days = u32::try_from((secs + DAY_SECS - 1) / DAY_SECS).unwrap_or(u32::MAX).saturating_add(1);
    let events = forecast(policy, inventory, now, days).events;
    let upcoming = events.into_iter().filter(|event| event.not_before <= until).filter_map(|event| {
        let Reached::Stage(stage) = event.reached else { return None };
        let image = inventory.scopes.get(event.scope as usize)?.images.get(event.image as usize)?;
        let owner = notify.owner_tag.as_deref().and_then(|key| image.tags.get(key)).filter(|value| !value.is_empty());
        Some(UpcomingStage {
            scope: event.scope,
            image: event.image,
            stage,
            not_before: event.not_before,
            family: event.family,
            owner: owner.map(Into::into),
        })
    });
    upcoming.collect()
}
