//! Judging scope by scope.

use std::sync::Arc;

use amictl_model::{Inventory, Moment};

use super::elsewhere::{Elsewhere, Others};
use super::group::Groups;
use super::over_regions::OverRegions;
use super::shared_reasons::SharedReasons;
use super::sharing::Sharing;
use super::uses::{Mentions, Uses};
use super::{Judging, Reasons, unreadable};
use crate::policy::Policy;
use crate::{Reason, Verdict};

/// What serves all scopes, one after the other.
pub(super) struct Pass<'a> {
    policy: &'a Policy,
    inventory: &'a Inventory,
    now: Moment,
    groups: Groups<'a>,
    over_regions: OverRegions<'a>,
    telling: Telling,
    files: Mentions<'a>,
    unread_files: Option<Reason>,
}

/// What serves all images, one after the other, to tell their reasons.
#[derive(Default)]
pub(super) struct Telling {
    pub(super) reasons: Reasons,
    /// The reason of an image that is retired, instead of `reasons`.
    pub(super) unused: Option<Arc<[Reason]>>,
    pub(super) scratch: String,
    pub(super) shared: SharedReasons,
}

impl Telling {
    /// The reasons of the image that was judged.
    fn take(&mut self) -> Arc<[Reason]> {
        self.unused.take().unwrap_or_else(|| self.shared.share(&mut self.reasons))
    }
}

/// Judges every scope; a second time those that have an image which another account of the Region uses.
///
/// That takes a look at nothing but the references to images that their own scope does not have, which are few or none; to look through
/// all of them first would take longer.
pub(super) fn all_scopes(policy: &Policy, inventory: &Inventory, now: Moment) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(inventory.image_count());
    let mut elsewhere = Elsewhere::new(policy, inventory);
    let mut pass = Pass::new(policy, inventory, now);
    let mut starts = Vec::with_capacity(inventory.scopes.len());
    let mut with_foreign = Vec::new();
    for number in 0..inventory.scopes.len() {
        starts.push(verdicts.len());
        if pass.scope(number, elsewhere.others_of(number), &mut verdicts) == References::SomeForeign {
            with_foreign.push(number);
        }
    }
    elsewhere.add_foreign(&with_foreign);
    for number in elsewhere.named() {
        let mut again = Vec::with_capacity(inventory.scopes[number].images.len());
        pass.scope(number, elsewhere.others_of(number), &mut again);
        for (old, new) in verdicts[starts[number]..].iter_mut().zip(again) {
            *old = new;
        }
    }
    verdicts
}

/// Whether the references of a scope are all to images that it has.
#[derive(PartialEq, Eq)]
enum References {
    AllOwn,
    SomeForeign,
}

impl<'a> Pass<'a> {
    fn new(policy: &'a Policy, inventory: &'a Inventory, now: Moment) -> Self {
        let mut groups = Groups::new(policy);
        let over_regions = OverRegions::new(policy, inventory, &mut groups, now);
        Self {
            policy,
            inventory,
            now,
            groups,
            over_regions,
            telling: Telling::default(),
            files: Mentions::new(inventory.files.as_ref()),
            unread_files: inventory.files.as_ref().and_then(unreadable::of_files),
        }
    }

    /// Judges the images of a scope.
    fn scope(&mut self, number: usize, others: Others<'_>, verdicts: &mut Vec<Verdict>) -> References {
        let Self { policy, now, .. } = *self;
        let scope = &self.inventory.scopes[number];
        let standings = self.groups.assign(scope, now);
        let mut uses = Uses::new(policy, &scope.references, others, &self.files);
        let unreadable: Vec<Reason> = unreadable::of_scope(policy, scope).chain(self.unread_files.clone()).collect();
        let sharing = Sharing { policy, scope, others };
        let witness = unreadable::Witness::new(policy, scope);
        let (groups, over_regions) = (&self.groups, &self.over_regions);
        let unreadable = unreadable.as_slice();
        let judging = Judging { policy, groups, over_regions, now, unreadable, sharing, witness };
        // More scopes than fit in 32 bits do not fit in memory.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        for (at, image) in (0_u32..).zip(&scope.images) {
            let uses = uses.of(&image.id);
            let (family, decision, ladder) = judging.image(at, image, &standings, &uses, &mut self.telling);
            verdicts.push(Verdict { scope: number, image: at, family, decision, ladder, reasons: self.telling.take() });
        }
        if uses.all_found() { References::AllOwn } else { References::SomeForeign }
    }
}
