//! Channels: the images that parameters point to, and those before them.

use amictl_model::{ImageId, Moment, ScopeInventory, Source};
use foldhash::{HashMap, HashSet};

use super::group::{Member, Place};
use crate::keep::Channels;
use crate::policy::Family;

/// What the channels of its family say of an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Channel {
    #[default]
    None,
    /// A channel points to it.
    Named,
    /// It is among those before one that a channel points to.
    Previous,
    /// A channel points to an image that may or may not be of its family, so it may be among those before that one.
    Unsure,
}

/// The channels of one family in one scope.
struct OfFamily<'a> {
    channels: &'a Channels,
    named: HashSet<&'a ImageId>,
    /// Whether it cannot be told of an image that a channel points to whether it belongs to the family.
    unsure: bool,
    /// When the images that a channel points to were created, by group, those that are not usable too.
    created_at: HashMap<u32, Vec<Moment>>,
}

/// What the channels of all families say in one scope.
#[derive(Default)]
pub(super) struct OfScope<'a>(HashMap<u32, OfFamily<'a>>);

impl<'a> OfScope<'a> {
    /// Looks through the parameters and images of a scope, if a family has channels.
    pub(super) fn new(families: &'a [Family], scope: &'a ScopeInventory, members: &[Member]) -> Self {
        let with_channels = (0_u32..).zip(families).filter_map(|(number, family)| {
            let channels = family.keep.channels.as_ref()?;
            Some((number, OfFamily::new(channels, scope)))
        });
        let mut of_scope = Self(with_channels.collect());
        if of_scope.is_empty() {
            return of_scope;
        }
        for (image, member) in scope.images.iter().zip(members) {
            match member {
                Member::In { family, group } => {
                    let of_family = of_scope.0.get_mut(family).filter(|found| found.named.contains(&image.id));
                    if let (Some(of_family), Some(created_at)) = (of_family, image.created_at) {
                        of_family.created_at.entry(*group).or_default().push(created_at);
                    }
                }
                // It may be of any family from this one on.
                Member::Unsure(first) => {
                    for (_, of_family) in of_scope.0.iter_mut().filter(|(number, _)| *number >= first) {
                        of_family.unsure |= of_family.named.contains(&image.id);
                    }
                }
                Member::None | Member::MissingKey(_) => {}
            }
        }
        of_scope
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Marks the images of one group of a family; `newest_first` are its usable images.
    pub(super) fn mark(
        &self,
        family: u32,
        group: u32,
        scope: &ScopeInventory,
        newest_first: &[Place],
        marks: &mut [Channel],
    ) {
        let Some(of_family) = self.0.get(&family) else { return };
        let none = Vec::new();
        let pointed_to = of_family.created_at.get(&group).unwrap_or(&none);
        let previous = of_family.channels.previous as usize;
        for (at, place) in newest_first.iter().enumerate() {
            let image = place.image() as usize;
            let (Some(mark), Some(id)) = (marks.get_mut(image), scope.images.get(image).map(|image| &image.id)) else {
                continue;
            };
            if of_family.named.contains(id) {
                *mark = Channel::Named;
            } else if of_family.unsure && previous > 0 {
                *mark = Channel::Unsure;
            } else if pointed_to
                .iter()
                .any(|later| is_previous(*later, place.created_at(), &newest_first[..at], previous))
            {
                *mark = Channel::Previous;
            }
        }
    }
}

/// Whether an image of this time is among so many before one of that `later` time; `newer` are the images before it in the order.
fn is_previous(later: Moment, created_at: Moment, newer: &[Place], previous: usize) -> bool {
    // Newest first: those that are not newer than `later` stand at the end.
    let between = newer.len() - newer.partition_point(|place| place.created_at() >= later);
    created_at <= later && between < previous
}

impl<'a> OfFamily<'a> {
    fn new(channels: &'a Channels, scope: &'a ScopeInventory) -> Self {
        let is_named = |name: &str| channels.parameters.iter().any(|glob| glob.is_match(name));
        let parameters = scope.references.iter().filter(|reference| reference.source == Source::SsmParameters);
        let named = parameters.filter(|reference| is_named(&reference.resource)).map(|reference| &reference.image);
        Self { channels, named: named.collect(), unsure: false, created_at: HashMap::default() }
    }
}
