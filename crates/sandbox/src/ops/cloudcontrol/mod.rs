//! Cloud Control: resources of many services in one form.

mod built;
mod change;
mod handlers;
mod patch;
mod read;
mod types;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<change::CreateResource>(),
    Entry::of::<change::DeleteResource>(),
    Entry::of::<read::GetResource>(),
    Entry::of::<change::GetResourceRequestStatus>(),
    Entry::of::<read::ListResources>(),
    Entry::of::<change::UpdateResource>(),
];
