//! Images made on a schedule (`schedules`): which instance is due for one, what the image is called, and what becomes of it. Pure.
//!
//! Nothing is remembered between runs: an image carries its schedule, its instance and its time in its tags, so that a run on any machine
//! sees what was made. Of times that were missed only the latest is caught up.

use std::sync::Arc;

use amictl_model::{AccountId, Image, ImageState, Moment, Region, Tags};
use cronexpr::Crontab;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::keep::Keep;
use crate::policy::{Family, FamilyMatch, GroupKey, Retirement, SnapshotRule};
use crate::selector::Selector;
use crate::{Duration, Glob, Spot, Stage};

/// The tag that names the schedule that an image was made by.
pub const SCHEDULE_TAG: &str = "amictl:schedule";
/// The tag that names the instance that it was made of.
pub const INSTANCE_TAG: &str = "amictl:instance";
/// The tag that tells the time that it was made for, in RFC 3339.
pub const SLOT_TAG: &str = "amictl:slot";
/// EC2: characters of an image's name.
const NAME_CHARS_MAX: usize = 128;
/// EC2: characters of a tag's value.
const TAG_CHARS_MAX: usize = 256;

/// When images are made, of which instances, and what becomes of them.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name.
    pub name: Arc<str>,
    /// Tags that an instance must have, their values matched by globs.
    pub instances: Vec<(Box<str>, Glob)>,
    /// When.
    pub times: Times,
    /// Whether EC2 stops the instance for it, so that its file systems are at rest.
    pub reboot: bool,
    /// What an image is called.
    pub image: Template,
    /// Tags of the image and its snapshots.
    pub tags: Vec<(Box<str>, Template)>,
    /// How long after it was made it is deprecated.
    pub deprecate_after: Option<Duration>,
    /// The accounts that may launch it.
    pub share_with: Vec<AccountId>,
    /// Regions that each image is copied to.
    pub copy_to: Vec<CopyTarget>,
    /// What is kept of the images of an instance; the others go with their snapshots. `None`: all are.
    pub keep: Option<Keep>,
    /// Where it stands.
    pub spot: Spot,
}

/// A Region that each image is copied to.
#[derive(Debug, Clone)]
pub struct CopyTarget {
    /// The Region.
    pub region: Region,
    /// Whether the copy is encrypted also where the image is not.
    pub encrypted: bool,
    /// The key that it is encrypted with.
    pub kms_key: Option<Box<str>>,
    /// How long after it was made it is deprecated.
    pub deprecate_after: Option<Duration>,
    /// What is kept of the copies there; `None`: all are.
    pub keep: Option<Keep>,
}

/// The times of a schedule.
#[derive(Debug, Clone)]
pub enum Times {
    /// Every so many hours, a divisor of 24, counted on each day from a time of day.
    Every {
        /// The hours.
        hours: u8,
        /// The time of day that is counted from.
        at: Time,
        /// By whose clocks.
        zone: TimeZone,
    },
    /// As a crontab says.
    Cron(Box<Crontab>),
}

/// How far back the last time of a crontab is looked for, first near and then far: one that comes every minute is near.
const LOOK_BACK_SECS: [i64; 5] = [3600, 24 * 3600, 8 * 24 * 3600, 32 * 24 * 3600, 400 * 24 * 3600];

impl Times {
    /// The last of the times that is not after `now`; `None` where there was none in the last year.
    #[must_use]
    pub fn last(&self, now: Moment) -> Option<Moment> {
        match self {
            Self::Every { hours, at, zone } => {
                let today = zone.to_datetime(now.to_timestamp()).date();
                // Whatever the clocks do: the slots of three days hold the last one.
                let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()];
                let slots = days.into_iter().flatten().flat_map(|day| {
                    (0..24 / (*hours).max(1)).filter_map(move |count| {
                        let span = jiff::Span::new().hours(i64::from(count) * i64::from(*hours));
                        day.to_datetime(*at).checked_add(span).ok()
                    })
                });
                let slots = slots.filter_map(|local| zone.to_timestamp(local).ok());
                slots.map(Moment::from).filter(|slot| *slot <= now).max()
            }
            Self::Cron(crontab) => LOOK_BACK_SECS.iter().find_map(|back| {
                let times = crontab.iter_after(now.plus_secs(-back).to_timestamp()).ok()?;
                let not_after = |time: &Timestamp| *time <= now.to_timestamp();
                times.map_while(Result::ok).map(|time| time.timestamp()).take_while(not_after).last().map(Moment::from)
            }),
        }
    }
}

/// A text with `{schedule}`, `{instance}`, `{name}` (the instance's tag `Name`) and `{time}` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Placeholder(Placeholder),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Schedule,
    Instance,
    Name,
    Time,
}

const PLACEHOLDERS: [(&str, Placeholder); 4] = [
    ("schedule", Placeholder::Schedule),
    ("instance", Placeholder::Instance),
    ("name", Placeholder::Name),
    ("time", Placeholder::Time),
];

impl Template {
    /// The placeholder that a text has and that there is not, if there is one.
    ///
    /// # Errors
    /// What stands between its braces.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| after.to_owned())?;
            let found = PLACEHOLDERS.iter().find(|(known, _)| *known == name).ok_or_else(|| name.to_owned())?;
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(Part::Placeholder(found.1));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Self(parts))
    }

    /// Whether images of different instances and times get different texts.
    pub(crate) fn is_unique(&self) -> bool {
        let has = |wanted| self.0.contains(&Part::Placeholder(wanted));
        has(Placeholder::Instance) && has(Placeholder::Time)
    }

    fn fill(&self, of: &Made<'_>) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Placeholder(Placeholder::Schedule) => of.schedule.to_owned(),
            Part::Placeholder(Placeholder::Instance) => of.instance.to_owned(),
            Part::Placeholder(Placeholder::Name) => of.name.to_owned(),
            Part::Placeholder(Placeholder::Time) => of.slot.to_timestamp().strftime("%Y%m%dT%H%M%SZ").to_string(),
        };
        self.0.iter().map(text).collect()
    }
}

/// What the placeholders stand for.
struct Made<'a> {
    schedule: &'a str,
    instance: &'a str,
    name: &'a str,
    slot: Moment,
}

/// An instance, as far as schedules are concerned.
#[derive(Debug, Clone, Copy)]
pub struct ScheduledInstance<'a> {
    /// `InstanceId`.
    pub id: &'a str,
    /// `State.Name`.
    pub state: &'a str,
    /// `LaunchTime`.
    pub launched_at: Option<Moment>,
    /// `Tags`.
    pub tags: &'a Tags,
}

/// An image that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueImage {
    /// What it is called: the same for the same instance and time, so that EC2 refuses to make it twice.
    pub name: String,
    /// Its tags, those that it is known by included.
    pub tags: Tags,
    /// The time that it is for.
    pub slot: Moment,
}

impl Schedule {
    /// The image of this instance that is due, if one is; `images` are those of its account and Region.
    #[must_use]
    pub fn due<'i>(
        &self,
        instance: &ScheduledInstance<'_>,
        images: impl Iterator<Item = &'i Image>,
        now: Moment,
    ) -> Option<DueImage> {
        // Of a pending or terminated instance EC2 makes no image.
        if !matches!(instance.state, "running" | "stopping" | "stopped") || !self.is_of(instance.tags) {
            return None;
        }
        let slot = self.times.last(now)?;
        if instance.launched_at.is_some_and(|launched| launched > slot) {
            return None;
        }
        let mut slots = images.filter_map(|image| self.slot_of(image, instance.id));
        if slots.any(|made| made >= slot) {
            return None;
        }
        let name = instance.tags.get("Name").unwrap_or_default();
        let made = Made { schedule: &self.name, instance: instance.id, name, slot };
        let own = [(SCHEDULE_TAG, self.name.to_string()), (INSTANCE_TAG, instance.id.to_owned())];
        let own = own.into_iter().chain([(SLOT_TAG, slot.to_string())]);
        let more = self.tags.iter().map(|(key, template)| (&**key, clipped(&template.fill(&made), TAG_CHARS_MAX)));
        let tags = more.chain(own).map(|(key, value)| (key.to_owned(), value)).collect();
        Some(DueImage { name: image_name(&self.image.fill(&made), &made), tags, slot })
    }

    /// Whether an instance with these tags is one of the schedule's.
    fn is_of(&self, tags: &Tags) -> bool {
        self.instances.iter().all(|(key, glob)| tags.get(key).is_some_and(|value| glob.is_match(value)))
    }

    /// The time that an image was made for, if this schedule made it of this instance and it is not a failure.
    fn slot_of(&self, image: &Image, instance: &str) -> Option<Moment> {
        let is_ours =
            image.tags.get(SCHEDULE_TAG) == Some(&*self.name) && image.tags.get(INSTANCE_TAG) == Some(instance);
        let lives = matches!(image.state, ImageState::Pending | ImageState::Available | ImageState::Disabled);
        (is_ours && lives).then(|| image.tags.get(SLOT_TAG)?.parse().ok())?
    }

    /// The images that are to be copied to a Region: of each instance the newest, unless one for its time or a later one is there.
    #[must_use]
    pub fn copies_due<'i>(&self, here: &'i [Image], there: &[Image]) -> Vec<&'i Image> {
        let mut newest: Vec<(&str, Moment, &Image)> = Vec::new();
        for image in here.iter().filter(|image| image.state == ImageState::Available) {
            let Some(instance) = image.tags.get(INSTANCE_TAG) else { continue };
            let Some(slot) = self.slot_of(image, instance) else { continue };
            match newest.iter_mut().find(|(of, ..)| *of == instance) {
                Some(found) if found.1 < slot => *found = (instance, slot, image),
                Some(_) => {}
                None => newest.push((instance, slot, image)),
            }
        }
        let is_there = |instance: &str, slot: Moment| {
            there.iter().any(|copy| self.slot_of(copy, instance).is_some_and(|made| made >= slot))
        };
        let due = newest.into_iter().filter(|(instance, slot, _)| !is_there(instance, *slot));
        due.map(|(_, _, image)| image).collect()
    }

    /// The families by which its images and their copies are kept and retired.
    pub(crate) fn families(&self) -> Vec<Family> {
        let regions: Vec<Glob> =
            self.copy_to.iter().filter_map(|target| Glob::parse(target.region.as_str()).ok()).collect();
        let own = self.keep.as_ref().map(|keep| {
            let elsewhere = (!regions.is_empty()).then(|| Selector::Not(Box::new(Selector::Region(regions))));
            self.family(&self.name, keep, elsewhere)
        });
        let copies = self.copy_to.iter().filter_map(|target| {
            let there = Selector::Region(vec![Glob::parse(target.region.as_str()).ok()?]);
            Some(self.family(&format!("{}.{}", self.name, target.region), target.keep.as_ref()?, Some(there)))
        });
        own.into_iter().chain(copies).collect()
    }

    fn family(&self, name: &str, keep: &Keep, selector: Option<Selector>) -> Family {
        // A name has no character that a glob knows.
        let tags = Glob::parse(&self.name).map(|glob| vec![(SCHEDULE_TAG.into(), glob)]).unwrap_or_default();
        let deregister = Retirement {
            stage: Stage::Deregister,
            after: None,
            snapshots: SnapshotRule::Delete,
            require_recycle_bin: None,
            spot: self.spot,
        };
        Family {
            name: format!("schedule.{name}").into(),
            matcher: FamilyMatch { tags, selector, ..FamilyMatch::default() },
            group_by: vec![GroupKey::Tag(INSTANCE_TAG.into())],
            keep: keep.clone(),
            version: None,
            retire: vec![deregister],
            spot: self.spot,
            match_spot: self.spot,
        }
    }
}

/// A name that EC2 takes: what it does not take is replaced, and what is too long loses its middle, not the instance and the time.
fn image_name(text: &str, of: &Made<'_>) -> String {
    let takes = |c: char| c.is_ascii_alphanumeric() || " ()[]./-'@_".contains(c);
    let name: String = text.chars().map(|c| if takes(c) { c } else { '-' }).collect();
    if name.chars().count() <= NAME_CHARS_MAX {
        return name;
    }
    let time = of.slot.to_timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
    let tail = format!("-{}-{time}", of.instance);
    format!("{}{tail}", clipped(&name, NAME_CHARS_MAX.saturating_sub(tail.len())))
}

fn clipped(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
