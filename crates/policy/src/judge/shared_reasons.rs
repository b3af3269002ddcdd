//! Equal reasons are held once: hundreds of thousands of images are kept for the same few.

use std::collections::HashSet;
use std::sync::Arc;

use super::Reasons;
use crate::Reason;

/// The reasons that images share so far.
#[derive(Default)]
pub(super) struct SharedReasons(HashSet<Arc<[Reason]>>);

/// More different reasons than this are not looked through; they are rare where they come to so many.
const SHARED_MAX: usize = 1 << 16;

impl SharedReasons {
    /// The same reasons, shared with earlier images that have equal ones; the list is emptied for the next image.
    pub(super) fn share(&mut self, reasons: &mut Reasons) -> Arc<[Reason]> {
        // Reasons that name a resource are hardly ever equal.
        if reasons.iter().any(|reason| reason.resource.is_some()) {
            return reasons.drain(..).collect();
        }
        if let Some(shared) = self.0.get(reasons.as_slice()) {
            reasons.clear();
            return shared.clone();
        }
        let reasons: Arc<[Reason]> = reasons.drain(..).collect();
        if self.0.len() < SHARED_MAX {
            self.0.insert(reasons.clone());
        }
        reasons
    }
}
