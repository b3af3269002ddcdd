//! What a family keeps for its age: the newest, the young, the recently launched, the slots of the calendar.

use amictl_model::{Image, Moment};

use super::calendar::Slots;
use super::{DAY_SECS, Reasons, reason, say};
use crate::policy::Keep;
use crate::{Reason, ReasonCode};

/// One image before its family's `keep`.
pub(super) struct Keeping<'a> {
    pub(super) keep: &'a Keep,
    pub(super) image: &'a Image,
    pub(super) now: Moment,
    /// ` of GROUP`, or nothing where the family of the verdict says it all.
    pub(super) of_group: OfGroup<'a>,
}

impl Keeping<'_> {
    /// Adds every reason that the image's age gives to keep it; `rank` is 0 for the newest usable image of the group.
    pub(super) fn tell(&self, rank: Option<u32>, slots: Slots, reasons: &mut Reasons, scratch: &mut String) {
        if let Some(rank) = rank.filter(|rank| *rank < self.keep.newest) {
            let place = rank + 1;
            let message =
                say(scratch, format_args!("number {place} of the {} newest{}", self.keep.newest, self.of_group));
            reasons.push(reason(ReasonCode::Newest, message));
        }
        self.young(reasons, scratch);
        self.launched(reasons, scratch);
        if !slots.is_empty() {
            let message = say(scratch, format_args!("the newest of its {slots}{}", self.of_group));
            reasons.push(reason(ReasonCode::Calendar, message));
        }
    }

    fn young(&self, reasons: &mut Reasons, scratch: &mut String) {
        let Some(created_at) = self.image.created_at else { return };
        let age_secs = self.now.seconds_since(created_at);
        if age_secs < 0 {
            let message = say(scratch, format_args!("created {created_at}, after the moment of judging"));
            reasons.push(reason(ReasonCode::Young, message));
        } else if let Some(limit) = self.keep.younger_than.filter(|limit| age_secs < limit.as_secs()) {
            let message = say(scratch, format_args!("{}, kept for {limit}", Ago(age_secs, "old")));
            reasons.push(reason(ReasonCode::Young, message));
        }
    }

    /// No launch time proves nothing: neither use nor disuse.
    fn launched(&self, reasons: &mut Reasons, scratch: &mut String) {
        let Some(launched_at) = self.image.last_launched_at else { return };
        let ago_secs = self.now.seconds_since(launched_at);
        if ago_secs < 0 {
            let message = say(scratch, format_args!("launched {launched_at}, after the moment of judging"));
            reasons.push(reason(ReasonCode::RecentlyLaunched, message));
        } else if self.keep.launched_within.is_some_and(|limit| ago_secs < limit.as_secs()) {
            let message = say(scratch, format_args!("launched {}", Ago(ago_secs, "ago")));
            reasons.push(reason(ReasonCode::RecentlyLaunched, message));
        }
    }

    /// What the reason to retire the image is put together from.
    pub(super) fn unused(&self, family: u32, group: u32, out_of_scope: bool) -> Unused {
        let age_secs = self.image.created_at.map_or(0, |created_at| self.now.seconds_since(created_at));
        Unused { family, group: self.of_group.0.map(|_| group), age: Ago(age_secs, "old").rounded(), out_of_scope }
    }

    /// The reason to retire an image that nothing keeps.
    pub(super) fn unused_reason(&self, unused: &Unused, scratch: &mut String) -> Reason {
        let age = unused.age;
        let uses = if unused.out_of_scope {
            "only launch template versions that do not count name it"
        } else {
            "nothing uses it"
        };
        let message = match self.keep.newest {
            0 => say(scratch, format_args!("{age}, {uses}")),
            newest => say(scratch, format_args!("{age}, {uses}, not among the {newest} newest{}", self.of_group)),
        };
        reason(ReasonCode::Unused, message)
    }
}

/// What the reason to retire an image tells: images that agree in it have the same reason.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Unused {
    family: u32,
    /// Where the group is told.
    group: Option<u32>,
    age: Ago,
    out_of_scope: bool,
}

/// The group that an image is compared in, where it is not the whole family.
#[derive(Clone, Copy)]
pub(super) struct OfGroup<'a>(pub(super) Option<&'a str>);

impl std::fmt::Display for OfGroup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |group| write!(f, " of {group}"))
    }
}

/// Seconds as `3 days old`, or in hours below two days.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Ago(i64, &'static str);

impl Ago {
    /// The fewest seconds that are shown the same.
    fn rounded(self) -> Self {
        let unit_secs = if self.0 < 2 * DAY_SECS { 3600 } else { DAY_SECS };
        Self(self.0 / unit_secs * unit_secs, self.1)
    }
}

impl std::fmt::Display for Ago {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, unit) = if self.0 < 2 * DAY_SECS { (self.0 / 3600, "hour") } else { (self.0 / DAY_SECS, "day") };
        write!(f, "{count} {unit}{} {}", if count == 1 { "" } else { "s" }, self.1)
    }
}
