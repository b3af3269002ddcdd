//! Images that somebody named: judged by the same evidence as all others, and by no rule of a family.

use std::collections::BTreeSet;

use amictl_model::{ImageId, Source};
use compact_str::format_compact;

use crate::keep::Keep;
use crate::limits::Limits;
use crate::policy::{Family, FamilyMatch, Policy, Retirement, SnapshotRule};
use crate::selector::Selector;
use crate::{Decision, Duration, Ladder, Reason, ReasonCode, Spot, Stage, Verdict};

/// The family that named images are judged in; no family of a policy file can have this name.
pub const NAMED_FAMILY: &str = "(named)";

/// What somebody wants of the images that they name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Naming {
    /// The images.
    pub images: BTreeSet<ImageId>,
    /// What becomes of their snapshots.
    pub snapshots: SnapshotRule,
    /// How long the Recycle Bin must keep everything, at least.
    pub require_recycle_bin: Option<Duration>,
    /// Whether they may be instance-store images, whose bundles are seen to.
    pub takes_bundles: bool,
}

impl Policy {
    /// This policy for named images alone: what counts as a use, what is protected, the windows and the approvals are as they are; its
    /// families, schedules and caps choose nothing here.
    #[must_use]
    pub fn for_named(&self, naming: Naming) -> Self {
        let deregister = Retirement {
            stage: Stage::Deregister,
            after: None,
            snapshots: naming.snapshots,
            require_recycle_bin: naming.require_recycle_bin,
            spot: Spot::default(),
        };
        let selector = Some(Selector::Ids(naming.images));
        let family = Family {
            name: NAMED_FAMILY.into(),
            matcher: FamilyMatch { selector, ..FamilyMatch::default() },
            group_by: Vec::new(),
            keep: Keep::default(),
            version: None,
            retire: vec![deregister],
            spot: Spot::default(),
            match_spot: Spot::default(),
        };
        let limits = Limits { max_actions: u64::MAX, max_percent: 100.0, min_images: 0, ..Limits::default() };
        Self {
            limits,
            notify: None,
            schedules: Vec::new(),
            families: vec![family],
            takes_bundles: naming.takes_bundles,
            ..self.clone()
        }
    }
}

/// Whether a verdict keeps its image for nothing but a use, or for what is not known of uses.
#[must_use]
pub fn is_kept_for_use(verdict: &Verdict) -> bool {
    !matches!(verdict.decision, Decision::Retire(_)) && verdict.reasons.iter().all(is_about_use)
}

fn is_about_use(reason: &Reason) -> bool {
    match reason.code {
        ReasonCode::InUse | ReasonCode::Shared | ReasonCode::Ancestor => true,
        // Without the images and snapshots it is not known what goes, without launch permissions not what undoing gives back.
        ReasonCode::Unreadable => reason
            .source
            .is_some_and(|source| !matches!(source, Source::Images | Source::Snapshots | Source::LaunchPermissions)),
        _ => false,
    }
}

/// The verdict on an image that is to go even if it is used: what keeps it is told all the same, after who says so and why.
///
/// One that something else than a use keeps stays as it is.
#[must_use]
pub fn overrule(verdict: Verdict, why: &str) -> Verdict {
    if !is_kept_for_use(&verdict) {
        return verdict;
    }
    let message = format_compact!("asked for even if it is used: {why}");
    let asked = Reason { code: ReasonCode::AskedFor, message, source: None, resource: None };
    let reasons = std::iter::once(asked).chain(verdict.reasons.iter().cloned()).collect();
    Verdict { decision: Decision::Retire(Stage::Deregister), ladder: Ladder::None, reasons, ..verdict }
}
