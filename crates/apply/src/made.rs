//! What a step makes and another one works on.

use amictl_model::{ImageId, SnapshotId};

/// What one step leaves to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Made {
    /// An image.
    Image(ImageId),
    /// A snapshot.
    Snapshot(SnapshotId),
}

impl Made {
    /// The image, where it is one.
    pub(crate) fn image(&self) -> Option<&ImageId> {
        match self {
            Self::Image(id) => Some(id),
            Self::Snapshot(_) => None,
        }
    }

    /// The snapshot, where it is one.
    pub(crate) fn snapshot(&self) -> Option<&SnapshotId> {
        match self {
            Self::Image(_) => None,
            Self::Snapshot(id) => Some(id),
        }
    }
}
