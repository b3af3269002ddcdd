//! What a family keeps for its age: the newest, the young, the recently launched, the slots of the calendar.

use super::calendar::Slots;
use super::words::Words;
use super::{DAY_SECS, Reasons, reason, say};
use crate::policy::Family;
use crate::selector::Subject;
use crate::{NewestIn, Reason, ReasonCode};

/// One image before its family's `keep`.
pub(super) struct Keeping<'a> {
    pub(super) family: &'a Family,
    pub(super) subject: Subject<'a>,
    /// ` of GROUP`, or nothing where the family of the verdict says it all.
    pub(super) of_group: OfGroup<'a>,
}

impl Keeping<'_> {
    /// Adds every reason that the image's age gives to keep it; `rank` is 0 for the newest usable image of the group.
    pub(super) fn tell(&self, rank: Option<u32>, slots: Slots, reasons: &mut Reasons, scratch: &mut String) {
        let keep = &self.family.keep;
        if keep.newest_in == NewestIn::EachRegion
            && let Some(rank) = rank.filter(|rank| *rank < keep.newest)
        {
            let message = Words::new(scratch).text("number ").number(rank + 1).text(" of the ");
            let message = message.number(keep.newest).text(" newest").of_group(self.of_group);
            reasons.push(reason(ReasonCode::Newest, message.done()));
        }
        self.young(reasons, scratch);
        self.launched(reasons, scratch);
        if !slots.is_empty() {
            let message = Words::new(scratch).text("the newest of its ").show(slots).of_group(self.of_group);
            reasons.push(reason(ReasonCode::Calendar, message.done()));
        }
    }

    /// Whether the family has rules that most have not, see [`Further`](super::further::Further).
    pub(super) fn has_further_rules(&self) -> bool {
        let keep = &self.family.keep;
        keep.newest_in != NewestIn::EachRegion || !keep.versions.is_empty() || keep.channels.is_some()
    }

    fn young(&self, reasons: &mut Reasons, scratch: &mut String) {
        let Some(created_at) = self.subject.image.created_at else { return };
        let age_secs = self.subject.now.seconds_since(created_at);
        if age_secs < 0 {
            let message = say(scratch, format_args!("created {created_at}, after the moment of judging"));
            reasons.push(reason(ReasonCode::Young, message));
        } else if let Some(limit) = self.family.keep.younger_than.filter(|limit| age_secs < limit.as_secs()) {
            let message = Words::new(scratch).ago(Ago(age_secs, "old")).text(", kept for ").show(limit);
            reasons.push(reason(ReasonCode::Young, message.done()));
        }
    }

    /// No launch time proves nothing: neither use nor disuse.
    fn launched(&self, reasons: &mut Reasons, scratch: &mut String) {
        let Some(launched_at) = self.subject.image.last_launched_at else { return };
        let ago_secs = self.subject.now.seconds_since(launched_at);
        if ago_secs < 0 {
            let message = say(scratch, format_args!("launched {launched_at}, after the moment of judging"));
            reasons.push(reason(ReasonCode::RecentlyLaunched, message));
        } else if self.family.keep.launched_within.is_some_and(|limit| ago_secs < limit.as_secs()) {
            let message = Words::new(scratch).text("launched ").ago(Ago(ago_secs, "ago"));
            reasons.push(reason(ReasonCode::RecentlyLaunched, message.done()));
        }
    }

    /// What the reason to retire the image is put together from.
    pub(super) fn unused(&self, family: u32, group: u32, seen: Seen) -> Unused {
        let age_secs = self.subject.image.created_at.map_or(0, |created_at| self.subject.now.seconds_since(created_at));
        Unused { family, group: self.of_group.0.map(|_| group), age: Ago(age_secs, "old").rounded(), seen }
    }

    /// The reason to retire an image that nothing keeps.
    pub(super) fn unused_reason(&self, unused: &Unused, scratch: &mut String) -> Reason {
        let uses = if unused.seen.out_of_scope {
            "only launch template versions that do not count name it"
        } else {
            "nothing uses it"
        };
        let message = Words::new(scratch).ago(unused.age).text(", ").text(uses);
        let message = if unused.seen.by_report {
            message.text(", nor does another account by its usage report")
        } else {
            message
        };
        let message = match self.family.keep.newest {
            0 => message,
            newest => message.text(", not among the ").number(newest).text(" newest").of_group(self.of_group),
        };
        reason(ReasonCode::Unused, message.done())
    }
}

/// What the reason to retire an image tells: images that agree in it have the same reason.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Unused {
    family: u32,
    /// Where the group is told.
    group: Option<u32>,
    age: Ago,
    seen: Seen,
}

/// What was seen of an image that nothing uses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    /// A launch template version names it that the policy does not count.
    pub(super) out_of_scope: bool,
    /// That other accounts do not use it is known by a usage report alone, which is late by a day and more.
    pub(super) by_report: bool,
}

/// The group that an image is compared in, where it is not the whole family.
#[derive(Clone, Copy)]
pub(super) struct OfGroup<'a>(pub(super) Option<&'a str>);

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

impl Words<'_> {
    fn ago(self, Ago(secs, suffix): Ago) -> Self {
        let (count, unit) = if secs < 2 * DAY_SECS { (secs / 3600, " hour") } else { (secs / DAY_SECS, " day") };
        self.number(count).text(unit).text(if count == 1 { " " } else { "s " }).text(suffix)
    }

    pub(super) fn of_group(self, group: OfGroup<'_>) -> Self {
        match group.0 {
            Some(group) => self.text(" of ").text(group),
            None => self,
        }
    }
}
