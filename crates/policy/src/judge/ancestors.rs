//! Images that others were copied from: with `ancestors: keep` they stay as long as one of those does.
//!
//! An ancestor is looked for by its id in all scopes. Ids are drawn at random from so many that one stands for one image, and should two
//! be equal, one image too many stays.

use std::sync::Arc;

use amictl_model::{Image, Inventory};
use compact_str::CompactString;
use foldhash::HashMap;

use super::staged;
use crate::policy::Policy;
use crate::{Decision, Ladder, Reason, ReasonCode, Verdict};

/// Lets ancestors of kept images stay, and blocks those of images that could not be decided on.
pub(super) fn keep(policy: &Policy, inventory: &Inventory, verdicts: &mut [Verdict]) {
    let mut sources: HashMap<&str, Vec<usize>> = HashMap::default();
    for source in
        inventory.scopes.iter().flat_map(|scope| &scope.images).filter_map(|image| image.source_image.as_deref())
    {
        sources.entry(source).or_default();
    }
    for (at, verdict) in verdicts.iter().enumerate() {
        let found = image(inventory, verdict).and_then(|image| sources.get_mut(image.id.as_str()));
        if let Some(found) = found {
            found.push(at);
        }
    }
    let found = Found { policy, inventory, sources: &sources };
    found.spread(
        verdicts,
        |verdict| verdict.decision == Decision::Keep,
        |verdict| verdict.decision != Decision::Keep || matches!(verdict.ladder, Ladder::Mark | Ladder::Wait),
        |_, resource| Reason {
            code: ReasonCode::Ancestor,
            message: CompactString::const_new("an image that was made from it stays"),
            source: None,
            resource: Some(resource),
        },
    );
    found.spread(
        verdicts,
        |verdict| verdict.decision == Decision::Blocked,
        |verdict| matches!(verdict.decision, Decision::Retire(_)),
        |why, resource| Reason {
            code: ReasonCode::Unreadable,
            message: CompactString::const_new("an image that was made from it could not be decided on"),
            // What is asked of the one has to be asked before the other can be decided on.
            source: why.first().and_then(|reason| reason.source),
            resource: Some(resource),
        },
    );
}

/// The images that others were made from.
struct Found<'a> {
    policy: &'a Policy,
    inventory: &'a Inventory,
    /// By id, the verdicts on them.
    sources: &'a HashMap<&'a str, Vec<usize>>,
}

impl Found<'_> {
    /// Gives the decision of each image that `has` it to its ancestors that are `open` to it, and to theirs.
    fn spread(
        &self,
        verdicts: &mut [Verdict],
        has: impl Fn(&Verdict) -> bool,
        open: impl Fn(&Verdict) -> bool,
        reason: impl Fn(&[Reason], CompactString) -> Reason,
    ) {
        let mut left: Vec<usize> = (0..verdicts.len()).filter(|at| has(&verdicts[*at])).collect();
        while let Some(at) = left.pop() {
            let verdict = &verdicts[at];
            let Some(image) = image(self.inventory, verdict) else { continue };
            let ancestors = image.source_image.as_deref().and_then(|source| self.sources.get(source));
            let (decision, why) = (verdict.decision, verdict.reasons.clone());
            for ancestor in ancestors.into_iter().flatten() {
                let verdict = &mut verdicts[*ancestor];
                if open(verdict) {
                    verdict.decision = decision;
                    verdict.ladder = match self::image(self.inventory, verdict) {
                        Some(image) if decision == Decision::Keep => staged::leaving(self.policy, image),
                        _ => Ladder::None,
                    };
                    verdict.reasons = Arc::new([reason(&why, image.id.as_str().into())]);
                    left.push(*ancestor);
                }
            }
        }
    }
}

fn image<'a>(inventory: &'a Inventory, verdict: &Verdict) -> Option<&'a Image> {
    inventory.scopes.get(verdict.scope as usize)?.images.get(verdict.image as usize)
}
