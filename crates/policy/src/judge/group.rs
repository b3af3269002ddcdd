//! Which family and group each image belongs to, and its place among the usable images of the group.

use std::fmt::Write as _;
use std::sync::Arc;

use amictl_model::{Image, ImageState, Moment, RootDeviceType, Scope, ScopeInventory};
use foldhash::{HashMap, HashMapExt as _};

use super::calendar::{self, Slots};
use super::channels::{self, Channel};
use super::{reason, say};
use crate::name_family::write_name_family;
use crate::policy::{Family, GroupKey, Policy};
use crate::selector::Subject;
use crate::{Reason, ReasonCode, Truth};

/// The groups seen so far, over all scopes; a group of one name is ranked in each scope apart.
pub(super) struct Groups<'p> {
    families: &'p [Family],
    numbers: Vec<HashMap<Arc<str>, u32>>,
    labels: Vec<Label>,
}

/// How a group is shown.
#[derive(Clone)]
pub(super) struct Label {
    /// What stands as the family of the verdict.
    pub(super) family: Arc<str>,
    /// The family with the group's values.
    pub(super) group: Arc<str>,
}

/// What an image belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member {
    None,
    /// The first family that it may belong to, which cannot be told.
    Unsure(u32),
    /// The family, which groups by something that the image does not have.
    MissingKey(u32),
    In {
        family: u32,
        group: u32,
    },
}

/// Where the images of one scope stand.
pub(super) struct Standings {
    members: Vec<Member>,
    ranks: Vec<u32>,
    slots: Vec<Slots>,
    channels: Vec<Channel>,
}

const NO_RANK: u32 = u32::MAX;

impl<'p> Groups<'p> {
    pub(super) fn new(policy: &'p Policy) -> Self {
        let numbers = policy.families.iter().map(|_| HashMap::new()).collect();
        Self { families: &policy.families, numbers, labels: Vec::new() }
    }

    pub(super) fn family(&self, number: u32) -> &'p Family {
        &self.families[number as usize]
    }

    /// Finds the family, group and place of every image of a scope.
    pub(super) fn assign(&mut self, scope: &ScopeInventory, now: Moment) -> Standings {
        let mut scratch = String::new();
        let mut members = Vec::with_capacity(scope.images.len());
        let mut usable = Vec::with_capacity(scope.images.len());
        for (at, image) in (0_u32..).zip(&scope.images) {
            let member = self.member(&Subject { image, scope: &scope.scope, now }, &mut scratch);
            if let (Member::In { group, .. }, Some(created_at)) = (member, usable_since(image, &scope.scope, now)) {
                usable.push(Place::new(group, created_at, at));
            }
            members.push(member);
        }
        newest_first(scope, &mut usable);
        let ranks = vec![NO_RANK; members.len()];
        let mut standings = Standings { ranks, slots: Vec::new(), channels: Vec::new(), members };
        if self.families.iter().any(|family| !family.keep.calendar.is_empty()) {
            standings.slots = vec![Slots::default(); standings.members.len()];
        }
        let channels = channels::OfScope::new(self.families, scope, &standings.members);
        if !channels.is_empty() {
            standings.channels = vec![Channel::None; standings.members.len()];
        }
        for group in usable.chunk_by(|a, b| a.group() == b.group()) {
            for (rank, place) in (0_u32..).zip(group) {
                standings.ranks[place.image() as usize] = rank;
            }
            let Member::In { family, .. } = standings.member(group[0].image()) else { continue };
            let calendar = self.family(family).keep.calendar;
            if !calendar.is_empty() {
                calendar::assign(calendar, group, &mut standings.slots);
            }
            channels.mark(family, group[0].group(), scope, group, &mut standings.channels);
        }
        standings
    }

    /// The family that the image is in a group of.
    pub(super) fn family_of(&self, member: Member) -> Option<&'p Family> {
        match member {
            Member::In { family, .. } => Some(self.family(family)),
            Member::None | Member::Unsure(_) | Member::MissingKey(_) => None,
        }
    }

    pub(super) fn member(&mut self, subject: &Subject<'_>, scratch: &mut String) -> Member {
        let image = subject.image;
        let answers =
            (0_u32..).zip(self.families).map(|(number, family)| (number, family, family.matcher.truth(subject)));
        let Some((number, family, truth)) = answers.into_iter().find(|(_, _, truth)| *truth != Truth::No) else {
            return Member::None;
        };
        if truth == Truth::Unknown {
            return Member::Unsure(number);
        }
        if !write_key(family, image, scratch) {
            return Member::MissingKey(number);
        }
        if let Some(group) = self.numbers[number as usize].get(scratch.as_str()) {
            return Member::In { family: number, group: *group };
        }
        // More groups than images cannot be, and an inventory of 2^32 images does not fit.
        let group = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        let key: Arc<str> = scratch.as_str().into();
        self.labels.push(label(family, &key, image));
        self.numbers[number as usize].insert(key, group);
        Member::In { family: number, group }
    }
}

impl Standings {
    pub(super) fn member(&self, image: u32) -> Member {
        self.members[image as usize]
    }

    /// The place of a usable image in its group, 0 for the newest.
    pub(super) fn rank(&self, image: u32) -> Option<u32> {
        self.ranks.get(image as usize).copied().filter(|rank| *rank != NO_RANK)
    }

    pub(super) fn slots(&self, image: u32) -> Slots {
        self.slots.get(image as usize).copied().unwrap_or_default()
    }

    pub(super) fn channel(&self, image: u32) -> Channel {
        self.channels.get(image as usize).copied().unwrap_or_default()
    }

    pub(super) fn label<'g>(&self, groups: &'g Groups<'_>, image: u32) -> Option<&'g Label> {
        match self.member(image) {
            Member::In { group, .. } => groups.labels.get(group as usize),
            Member::None | Member::Unsure(_) | Member::MissingKey(_) => None,
        }
    }
}

/// A usable image in one number that sorts by group and then the newest first: 32 bits of group, 64 of time, 32 of image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u128);

impl Place {
    fn new(group: u32, created_at: Moment, image: u32) -> Self {
        // From the latest moment down, so that later comes first; the shift makes it positive.
        let before_end = i64::MAX.abs_diff(created_at.as_millis());
        Self(u128::from(group) << 96 | u128::from(before_end) << 32 | u128::from(image))
    }

    fn group(self) -> u32 {
        (self.0 >> 96) as u32
    }

    pub(super) fn image(self) -> u32 {
        self.0 as u32
    }

    pub(super) fn created_at(self) -> Moment {
        Moment::from_millis(i64::MAX.wrapping_sub_unsigned((self.0 >> 32) as u64))
    }
}

/// Sorts the usable images of a scope by group, then the newest first, those of one moment by id.
fn newest_first(scope: &ScopeInventory, usable: &mut [Place]) {
    usable.sort_unstable();
    // Images come sorted by id, so this changes nothing unless an inventory is not.
    for same in usable.chunk_by_mut(|a, b| a.0 >> 32 == b.0 >> 32).filter(|same| same.len() > 1) {
        same.sort_by(|a, b| scope.images[a.image() as usize].id.cmp(&scope.images[b.image() as usize].id));
    }
}

/// The creation time of an image that counts among the newest: a broken, disabled, foreign or future one must never push a good one out.
pub(super) fn usable_since(image: &Image, scope: &Scope, now: Moment) -> Option<Moment> {
    let usable = image.state == ImageState::Available
        && image.root_device_type == RootDeviceType::Ebs
        && image.owner == scope.account;
    image.created_at.filter(|created_at| usable && *created_at <= now)
}

/// Writes the key of the image's group; `false` when the image lacks what the family groups by.
fn write_key(family: &Family, image: &Image, key: &mut String) -> bool {
    key.clear();
    if let [GroupKey::NameFamily] = family.group_by.as_slice() {
        write_name_family(&image.name, key);
        return !key.is_empty();
    }
    for part in &family.group_by {
        match value(part, family, image) {
            Some(value) => {
                // The length first, so that no value can pass for two.
                let _ = write!(key, "{}:{value}", value.len());
            }
            None => return false,
        }
    }
    true
}

fn value<'a>(key: &GroupKey, family: &Family, image: &'a Image) -> Option<std::borrow::Cow<'a, str>> {
    match key {
        GroupKey::Tag(key) => image.tags.get(key).map(Into::into),
        GroupKey::NamePart(part) => {
            family.matcher.name.as_ref().and_then(|pattern| pattern.part(&image.name, part)).map(Into::into)
        }
        GroupKey::NameFamily => Some(crate::name_family(&image.name)).filter(|name| !name.is_empty()).map(Into::into),
    }
}

fn label(family: &Family, key: &Arc<str>, image: &Image) -> Label {
    match family.group_by.as_slice() {
        [] => Label { family: family.name.clone(), group: family.name.clone() },
        [GroupKey::NameFamily] => Label { family: key.clone(), group: key.clone() },
        _ => {
            let mut group = family.name.to_string();
            for value in family.group_by.iter().filter_map(|key| value(key, family, image)) {
                group.push('/');
                group.push_str(&value);
            }
            Label { family: family.name.clone(), group: group.into() }
        }
    }
}

/// The reason to keep an image that belongs to no group of its family.
pub(super) fn missing_key(family: &Family, image: &Image, scratch: &mut String) -> Reason {
    let missing = family.group_by.iter().find(|key| value(key, family, image).is_none());
    let what = match missing {
        Some(GroupKey::Tag(key)) => format!("tag {key}, which it does not have"),
        Some(GroupKey::NamePart(part)) => format!("the part {part} of its name, which cannot be told"),
        Some(GroupKey::NameFamily) | None => "what its name says without versions and dates, which is nothing".into(),
    };
    reason(ReasonCode::NoFamily, say(scratch, format_args!("family {} groups by {what}", family.name)))
}
