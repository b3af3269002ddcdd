//! Judging: policy × inventory × now → a verdict on each image. Pure, in linear-logarithmic time.

mod ancestors;
mod calendar;
mod channels;
mod copying;
mod elsewhere;
mod further;
mod group;
mod needs;
mod over_regions;
mod pass;
mod retention;
mod shared_reasons;
mod sharing;
mod staged;
mod standing;
mod unreadable;
mod uses;
mod words;

use std::fmt::Write as _;
use std::sync::Arc;

use amictl_model::{Image, Inventory, Moment};
use compact_str::CompactString;

use crate::policy::{Ancestors, Policy};
use crate::selector::Subject;
use crate::{Decision, Ladder, Reason, ReasonCode, Verdict};
use group::{Groups, Member, Standings};
pub use needs::{needs_launch_permissions, needs_usage_report, needs_witness};
use over_regions::OverRegions;
use pass::Telling;
use sharing::Sharing;

/// Seconds of a day.
pub(crate) const DAY_SECS: i64 = 86_400;

/// Judges every image of the inventory: exactly one verdict each, in the order of the inventory.
///
/// An image is kept if anything speaks for it, and then every reason is told. It is blocked if nothing speaks for it and something could not be
/// read. Only otherwise is it retired, to the stage of its family that is due by its tags, or kept with [`ReasonCode::Waiting`] until one is.
#[must_use]
pub fn judge(policy: &Policy, inventory: &Inventory, now: Moment) -> Vec<Verdict> {
    let mut verdicts = pass::all_scopes(policy, inventory, now);
    copying::keep(policy, inventory, &mut verdicts);
    if policy.references.ancestors == Ancestors::Keep {
        ancestors::keep(policy, inventory, &mut verdicts);
    }
    verdicts
}

/// The reasons of one image while they are collected; one list serves all images.
pub(crate) type Reasons = Vec<Reason>;

/// Puts a message together in a buffer that is used again and again, so that each message is allocated once and at its size.
pub(crate) fn say(scratch: &mut String, message: std::fmt::Arguments<'_>) -> CompactString {
    scratch.clear();
    // Writing to a String cannot fail.
    let _ = scratch.write_fmt(message);
    CompactString::new(scratch.as_str())
}

/// A reason without a source.
pub(crate) fn reason(code: ReasonCode, message: CompactString) -> Reason {
    Reason { code, message, source: None, resource: None }
}

/// What judging one scope needs at hand.
struct Judging<'a> {
    policy: &'a Policy,
    groups: &'a Groups<'a>,
    over_regions: &'a OverRegions<'a>,
    now: Moment,
    unreadable: &'a [Reason],
    sharing: Sharing<'a>,
    witness: unreadable::Witness<'a>,
}

impl Judging<'_> {
    fn image(
        &self,
        at: u32,
        image: &Image,
        standings: &Standings,
        uses: &uses::Found<'_>,
        telling: &mut Telling,
    ) -> (Option<Arc<str>>, Decision, Ladder) {
        let Telling { reasons, unused, scratch, shared } = telling;
        let member = standings.member(at);
        let subject = Subject { image, scope: &self.sharing.scope.scope, now: self.now };
        uses.tell(reasons, scratch);
        self.sharing.tell_uses(image, reasons, scratch);
        let of_family = self.groups.family_of(member);
        let is_staged = standing::tell(self.policy, &self.sharing, &subject, of_family, reasons, scratch);
        let leaving = || if is_staged { staged::leaving(self.policy, image) } else { Ladder::None };
        let (number, group_number) = match member {
            Member::None => {
                let message = CompactString::const_new("no family of the policy matches it");
                reasons.push(reason(ReasonCode::NoFamily, message));
                return (None, Decision::Keep, leaving());
            }
            Member::Unsure(family) => {
                return match self.unsure(family, &subject, reasons) {
                    Decision::Keep => (None, Decision::Keep, leaving()),
                    decision => (None, decision, Ladder::None),
                };
            }
            Member::MissingKey(family) => {
                let family = self.groups.family(family);
                reasons.push(group::missing_key(family, image, scratch));
                return (Some(family.name.clone()), Decision::Keep, leaving());
            }
            Member::In { family, group } => (family, group),
        };
        let family = self.groups.family(number);
        let label = standings.label(self.groups, at);
        let group = label.filter(|label| label.group != label.family).map(|label| &*label.group);
        let of_group = retention::OfGroup(group);
        let keeping = retention::Keeping { family, subject, of_group };
        keeping.tell(standings.rank(at), standings.slots(at), reasons, scratch);
        if keeping.has_further_rules() {
            let further = further::Further { keeping: &keeping, group: group_number };
            further.tell(standings.rank(at).is_some(), standings.channel(at), self.over_regions, reasons, scratch);
        }
        let family_name = label.map_or_else(|| family.name.clone(), |label| label.family.clone());
        if !reasons.is_empty() {
            return (Some(family_name), Decision::Keep, leaving());
        }
        let next = staged::next(family, image, self.now, reasons, scratch);
        if let Err(ladder @ (Ladder::None | Ladder::Wait | Ladder::Leave)) = next {
            return (Some(family_name), Decision::Keep, ladder);
        }
        // The wait of an image begins, and its stages come, only where nothing is unknown.
        let waiting = reasons.pop();
        self.tell_unreadable(&subject, reasons);
        let (decision, ladder) = match next {
            _ if !reasons.is_empty() => (Decision::Blocked, Ladder::None),
            Ok(stage) => {
                let seen =
                    retention::Seen { out_of_scope: uses.out_of_scope, by_report: self.sharing.rests_on_report(image) };
                let told = keeping.unused(number, group_number, seen);
                *unused = Some(shared.unused(told, |told| keeping.unused_reason(told, scratch)));
                (Decision::Retire(stage), Ladder::None)
            }
            Err(ladder) => {
                reasons.extend(waiting);
                (Decision::Keep, ladder)
            }
        };
        (Some(family_name), decision, ladder)
    }

    /// Adds everything that could not be read and might have kept the image.
    fn tell_unreadable(&self, subject: &Subject<'_>, reasons: &mut Reasons) {
        let image = subject.image;
        reasons.extend(self.unreadable.iter().cloned());
        reasons.extend(unreadable::permissions(image));
        self.sharing.tell_unreadable(image, reasons);
        reasons.extend(self.witness.silent_on(image));
        reasons.extend(unreadable::protection(self.policy, subject));
    }

    /// Decides on an image that may or may not belong to this family: nothing is done to it.
    fn unsure(&self, family: u32, subject: &Subject<'_>, reasons: &mut Reasons) -> Decision {
        if !reasons.is_empty() {
            return Decision::Keep;
        }
        self.tell_unreadable(subject, reasons);
        // Launch permissions that are not read yet say it all; a scan reads them then.
        if subject.image.launch_permissions.known().is_some() {
            reasons.push(unreadable::membership(self.groups.family(family)));
        }
        Decision::Blocked
    }
}
