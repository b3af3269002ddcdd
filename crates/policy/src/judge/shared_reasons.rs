//! Equal reasons are held once: hundreds of thousands of images are kept for the same few.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::Reasons;
use super::retention::Unused;
use crate::Reason;

/// The reasons that images share so far.
#[derive(Default)]
pub(super) struct SharedReasons {
    any: HashSet<Arc<[Reason]>>,
    unused: HashMap<Unused, Arc<[Reason]>>,
}

/// More different reasons than this are not looked through; they are rare where they come to so many.
const SHARED_MAX: usize = 1 << 16;

impl SharedReasons {
    /// The same reasons, shared with earlier images that have equal ones; the list is emptied for the next image.
    pub(super) fn share(&mut self, reasons: &mut Reasons) -> Arc<[Reason]> {
        // Reasons that name a resource are hardly ever equal.
        if reasons.iter().any(|reason| reason.resource.is_some()) {
            return reasons.drain(..).collect();
        }
        if let Some(shared) = self.any.get(reasons.as_slice()) {
            reasons.clear();
            return shared.clone();
        }
        let reasons: Arc<[Reason]> = reasons.drain(..).collect();
        if self.any.len() < SHARED_MAX {
            self.any.insert(reasons.clone());
        }
        reasons
    }

    /// The reason to retire an image, which is put together only if no earlier image has the same.
    pub(super) fn unused(&mut self, unused: Unused, reason: impl FnOnce(&Unused) -> Reason) -> Arc<[Reason]> {
        if let Some(shared) = self.unused.get(&unused) {
            return shared.clone();
        }
        let reasons: Arc<[Reason]> = Arc::new([reason(&unused)]);
        if self.unused.len() < SHARED_MAX {
            self.unused.insert(unused, reasons.clone());
        }
        reasons
    }
}
