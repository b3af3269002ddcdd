//! Which images of an inventory are listed, and in which order.

use std::cmp::Ordering;

use amictl_model::{AccountId, Grantee, Image, ImageId, ImageState, Inventory, LaunchPermissions, Moment};
use amictl_policy::{Duration, Glob};

use super::ImageEntry;
use super::places::Places;
use crate::number::{len, plural};

/// What images have to be like; whatever is empty or `None` leaves all in.
#[derive(Debug, Clone, Default)]
pub struct ImageFilter {
    /// Any of these globs over the whole name.
    pub names: Vec<Glob>,
    /// Any of these ids.
    pub ids: Vec<ImageId>,
    /// Any of these accounts.
    pub accounts: Vec<AccountId>,
    /// Any of these states.
    pub states: Vec<StateFilter>,
    /// Any of these globs over the family of the verdict; an image without a verdict or a family has none.
    pub families: Vec<Glob>,
    /// Any of these decisions of the verdict, such as `retire`.
    pub decisions: Vec<&'static str>,
    /// All of these tags.
    pub tags: Vec<TagFilter>,
    /// Created at least so long ago; an image without a date is not.
    pub older_than: Option<Duration>,
    /// Not launched for at least so long, as far as AWS tells; see [`Image::last_launched_at`].
    pub not_launched_for: Option<Duration>,
    /// Used, or unused. Unused is only what every source was read whole for: unknown is not unused.
    pub used: Option<bool>,
    /// Public.
    pub public: bool,
    /// Known to be public or shared.
    pub shared: bool,
    /// Past its deprecation time.
    pub deprecated: bool,
}

/// A state that an image has to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateFilter {
    /// A state of AWS.
    Of(ImageState),
    /// Available and past its deprecation time, which is no state to AWS, but is one to people.
    Deprecated,
}

impl StateFilter {
    fn matches(self, image: &Image, now: Moment) -> bool {
        match self {
            Self::Of(state) => image.state == state,
            Self::Deprecated => image.state == ImageState::Available && image.is_deprecated(now),
        }
    }
}

/// A tag that an image has to have.
#[derive(Debug, Clone)]
pub struct TagFilter {
    /// The key, whole.
    pub key: String,
    /// A glob over the value; any value when there is none.
    pub value: Option<Glob>,
}

/// The order of a list. Images that are equal in it are ordered by account, Region and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageOrder {
    /// By name.
    Name,
    /// The oldest first, those of unknown age at the end.
    Age,
    /// The largest first.
    Size,
    /// Those not launched for the longest time first, and before them those of which no launch is known.
    Launched,
}

/// What was chosen of an inventory.
#[derive(Debug)]
pub struct Selected<'a> {
    /// The images, in order.
    pub entries: Vec<ImageEntry<'a>>,
    /// What a reader has to know of the choice: sentences.
    pub notes: Vec<String>,
}

impl ImageFilter {
    /// Keeps the images that are as they have to be.
    #[must_use]
    pub fn select<'a>(&self, inventory: &'a Inventory, entries: Vec<ImageEntry<'a>>, now: Moment) -> Selected<'a> {
        let places = Places::of(inventory);
        let (mut unknown_use, mut unknown_sharing) = (0, 0);
        let mut chosen = Vec::new();
        for entry in entries {
            if !self.matches(&entry, now) {
                continue;
            }
            if self.shared && !is_shared(entry.image) {
                unknown_sharing += u64::from(entry.image.launch_permissions.known().is_none());
                continue;
            }
            match self.used {
                Some(true) if places.used_by(&entry) == 0 => continue,
                Some(false) if places.used_by(&entry) > 0 => continue,
                Some(false) if !places.is_whole(&entry) => {
                    unknown_use += 1;
                    continue;
                }
                _ => {}
            }
            chosen.push(entry);
        }
        Selected { entries: chosen, notes: notes(unknown_use, unknown_sharing) }
    }

    fn matches(&self, entry: &ImageEntry<'_>, now: Moment) -> bool {
        let image = entry.image;
        let before = |at: Option<Moment>, span: Duration| at.is_some_and(|at| now.seconds_since(at) >= span.as_secs());
        any(&self.names, |glob| glob.is_match(&image.name))
            && any(&self.ids, |id| *id == image.id)
            && any(&self.accounts, |account| *account == entry.scope.scope.account)
            && any(&self.states, |state| state.matches(image, now))
            && any(&self.families, |glob| family(entry).is_some_and(|family| glob.is_match(family)))
            && any(&self.decisions, |wanted| entry.verdict.is_some_and(|verdict| verdict.decision.as_str() == *wanted))
            && self.tags.iter().all(|tag| tag.matches(image))
            && self.older_than.is_none_or(|span| before(image.created_at, span))
            && self.not_launched_for.is_none_or(|span| {
                image.last_launched_at.map_or_else(|| before(image.created_at, span), |at| before(Some(at), span))
            })
            && (!self.public || image.public)
            && (!self.deprecated || image.is_deprecated(now))
    }
}

fn any<T>(wanted: &[T], is_it: impl FnMut(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(is_it)
}

fn family<'a>(entry: &ImageEntry<'a>) -> Option<&'a str> {
    entry.verdict?.family.as_deref()
}

impl TagFilter {
    fn matches(&self, image: &Image) -> bool {
        let value = image.tags.get(&self.key);
        value.is_some_and(|value| self.value.as_ref().is_none_or(|glob| glob.is_match(value)))
    }
}

fn is_shared(image: &Image) -> bool {
    let known: &[Grantee] = match &image.launch_permissions {
        LaunchPermissions::Read(grantees) => grantees,
        LaunchPermissions::Unread | LaunchPermissions::Unreadable(_) => &[],
    };
    image.public || !known.is_empty()
}

fn notes(unknown_use: u64, unknown_sharing: u64) -> Vec<String> {
    let mut notes = Vec::new();
    if unknown_use > 0 {
        let images = plural(unknown_use, "image is", "images are");
        notes.push(format!(
            "{images} not listed: no use was seen, but not every source was read whole, and unknown is not unused."
        ));
    }
    if unknown_sharing > 0 {
        let images = plural(unknown_sharing, "image is", "images are");
        notes.push(format!(
            "{images} not listed because the launch permissions were not read: a scan reads those of images that the policy \
             would retire."
        ));
    }
    notes
}

impl ImageOrder {
    /// Sorts a list.
    pub fn sort(self, entries: &mut [ImageEntry<'_>], reverse: bool) {
        entries.sort_by(|a, b| {
            let order = self.compare(a, b);
            if reverse { order.reverse() } else { order }
        });
    }

    fn compare(self, a: &ImageEntry<'_>, b: &ImageEntry<'_>) -> Ordering {
        match self {
            Self::Name => a.image.name.cmp(&b.image.name),
            Self::Age => (a.image.created_at.is_none(), a.image.created_at)
                .cmp(&(b.image.created_at.is_none(), b.image.created_at)),
            Self::Size => b.size_gib().cmp(&a.size_gib()),
            Self::Launched => a.image.last_launched_at.cmp(&b.image.last_launched_at),
        }
    }
}

/// Cuts a list off after so many images; the note says how many more there are.
pub fn limit(selected: &mut Selected<'_>, images_max: Option<usize>) {
    let Some(images_max) = images_max else { return };
    let cut = selected.entries.len().saturating_sub(images_max);
    if cut > 0 {
        selected.entries.truncate(images_max);
        selected.notes.insert(
            0,
            format!("{} and not listed (--limit).", plural(len(cut), "more image matches", "more images match")),
        );
    }
}
