//! What could not be read and might have kept an image: unknown is not unused.

use amictl_model::{CoverageStatus, Image, LaunchPermissions, ScopeInventory, Source};
use compact_str::{CompactString, format_compact};

use crate::policy::Policy;
use crate::{Reason, ReasonCode};

/// The sources of this scope that retiring needs and that were not read whole.
pub(super) fn of_scope(policy: &Policy, scope: &ScopeInventory) -> Vec<Reason> {
    // An incomplete list of images miscounts the newest; one of snapshots hides what a deletion would take along.
    let needed = [Source::Images, Source::Snapshots]
        .into_iter()
        .chain(Source::REFERENCES.iter().copied().filter(|source| !policy.references.not_used.contains(source)));
    needed.filter_map(|source| of_source(scope, source)).collect()
}

fn of_source(scope: &ScopeInventory, source: Source) -> Option<Reason> {
    let mut entries = scope.coverage.iter().filter(|coverage| coverage.source == source).peekable();
    let message = if entries.peek().is_none() {
        format_compact!("{source} were never read")
    } else {
        let bad = entries.find(|coverage| coverage.status != CoverageStatus::Complete)?;
        match &*bad.detail {
            "" => format_compact!("{source} were not read whole: {}", bad.status.as_str()),
            detail => format_compact!("{source} were not read whole: {}, {}", bad.status.as_str(), short(detail)),
        }
    };
    Some(Reason { code: ReasonCode::Unreadable, message, source: Some(source), resource: None })
}

/// The reason when this image's launch permissions are not known: they must be recorded before it is disabled.
pub(super) fn permissions(image: &Image) -> Option<Reason> {
    let message = match &image.launch_permissions {
        LaunchPermissions::Read(_) => return None,
        LaunchPermissions::Unread => CompactString::const_new("its launch permissions were not read"),
        LaunchPermissions::Unreadable(error) => {
            format_compact!("its launch permissions could not be read: {}", short(error))
        }
    };
    Some(Reason { code: ReasonCode::Unreadable, message, source: Some(Source::LaunchPermissions), resource: None })
}

fn short(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(at, _)| &text[..at])
}
