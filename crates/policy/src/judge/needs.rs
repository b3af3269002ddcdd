//! What a scan has still to ask of single images: the costly questions, only where the verdict depends on the answer.

use amictl_model::{Image, Inventory, LaunchPermissions, ScopeInventory, Source};

use super::unreadable;
use crate::policy::Policy;
use crate::{Decision, ReasonCode, Verdict};

/// The images, as (scope, image) indices, whose launch permissions have not been read and whose verdict depends on them: they are blocked by
/// nothing else, or kept only because nobody knows who else uses them, which a usage report may tell.
///
/// A scan reads the permissions of just these, and judges again.
pub fn needs_launch_permissions<'a>(
    inventory: &'a Inventory,
    verdicts: &'a [Verdict],
) -> impl Iterator<Item = (u32, u32)> + 'a {
    let depends = |verdict: &Verdict| is_blocked_by(verdict, Source::LaunchPermissions) || is_kept_as_shared(verdict);
    let unread = |_: &_, image: &Image| image.launch_permissions == LaunchPermissions::Unread;
    verdicts.iter().filter(move |verdict| depends(verdict)).filter_map(move |verdict| of(inventory, verdict, unread))
}

/// The images, as (scope, image) indices, that are kept only because others may launch them and their use is not known.
///
/// A scan gets usage reports on just these, after the launch permissions, and judges again.
pub fn needs_usage_report<'a>(
    policy: &Policy,
    inventory: &'a Inventory,
    verdicts: &'a [Verdict],
) -> impl Iterator<Item = (u32, u32)> + use<'a> {
    // Where the account's own sources were not read whole, a report would free nothing.
    let whole: Vec<bool> =
        inventory.scopes.iter().map(|scope| unreadable::of_scope(policy, scope).next().is_none()).collect();
    let reports = !policy.references.not_used.contains(&Source::ImageUsage);
    let wanted = move |scope: &ScopeInventory, image: &Image| {
        reports
            && scope.usage_of(&image.id).is_none()
            && !matches!(image.launch_permissions, LaunchPermissions::Unreadable(_))
    };
    verdicts
        .iter()
        .filter(move |verdict| is_kept_as_shared(verdict) && whole.get(verdict.scope as usize) == Some(&true))
        .filter_map(move |verdict| of(inventory, verdict, wanted))
}

/// The images, as (scope, image) indices, that would be retired and that the second witness has not been asked about.
///
/// A scan asks it about just these, last of all, and judges again.
pub fn needs_witness<'a>(
    policy: &Policy,
    inventory: &'a Inventory,
    verdicts: &'a [Verdict],
) -> impl Iterator<Item = (u32, u32)> + use<'a> {
    let wanted = !policy.references.not_used.contains(&Source::ImageReferences);
    let depends = move |verdict: &&Verdict| {
        wanted && (matches!(verdict.decision, Decision::Retire(_)) || is_blocked_by(verdict, Source::ImageReferences))
    };
    let unasked = |scope: &ScopeInventory, image: &Image| scope.witnessed(&image.id).is_none();
    verdicts.iter().filter(depends).filter_map(move |verdict| of(inventory, verdict, unasked))
}

/// Whether nothing else than this source blocks the image.
fn is_blocked_by(verdict: &Verdict, source: Source) -> bool {
    verdict.decision == Decision::Blocked && verdict.reasons.iter().all(|reason| reason.source == Some(source))
}

fn is_kept_as_shared(verdict: &Verdict) -> bool {
    verdict.decision == Decision::Keep && verdict.reasons.iter().all(|reason| reason.code == ReasonCode::Shared)
}

/// The indices of an image that this holds for.
fn of(inventory: &Inventory, verdict: &Verdict, holds: impl Fn(&ScopeInventory, &Image) -> bool) -> Option<(u32, u32)> {
    let scope = inventory.scopes.get(verdict.scope as usize)?;
    let image = scope.images.get(verdict.image as usize)?;
    holds(scope, image).then_some((verdict.scope, verdict.image))
}
