//! Images that are being copied right now, in whatever Region: what they are copied from must be there until the copy is.

use std::sync::Arc;

use amictl_model::{Image, ImageState, Inventory};
use compact_str::{CompactString, format_compact};
use foldhash::HashMap;

use super::staged;
use crate::policy::Policy;
use crate::{Decision, Ladder, Reason, ReasonCode, Verdict};

/// Keeps the images that others are being made from, as their `SourceImageId` tells.
pub(super) fn keep(policy: &Policy, inventory: &Inventory, verdicts: &mut [Verdict]) {
    let mut copied: HashMap<&str, CompactString> = HashMap::default();
    for scope in &inventory.scopes {
        let is_made = |image: &&Image| matches!(image.state, ImageState::Pending | ImageState::Transient);
        for image in scope.images.iter().filter(is_made) {
            if let Some(source) = image.source_image.as_deref() {
                copied.entry(source).or_insert_with(|| format_compact!("{} in {}", image.id, scope.scope.region));
            }
        }
    }
    if copied.is_empty() {
        return;
    }
    for verdict in verdicts {
        let scope = inventory.scopes.get(verdict.scope as usize);
        let Some(image) = scope.and_then(|scope| scope.images.get(verdict.image as usize)) else { continue };
        let is_open = verdict.decision != Decision::Keep || matches!(verdict.ladder, Ladder::Mark | Ladder::Wait);
        if is_open && let Some(copy) = copied.get(image.id.as_str()) {
            verdict.decision = Decision::Keep;
            verdict.ladder = staged::leaving(policy, image);
            verdict.reasons = Arc::new([Reason {
                code: ReasonCode::InUse,
                message: CompactString::const_new("being copied"),
                source: None,
                resource: Some(copy.clone()),
            }]);
        }
    }
}
