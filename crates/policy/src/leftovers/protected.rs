//! Snapshots that are left alone, whatever uses them.

use amictl_model::{Moment, Scope, Snapshot, SnapshotState, StorageTier, Tags};
use compact_str::{CompactString, format_compact};

use crate::keep_until::{KEEP_UNTIL_TAG, is_kept_until};
use crate::policy::Policy;

/// Why a snapshot is left alone, whatever uses it; `None` where nothing speaks against deleting it.
#[must_use]
pub fn snapshot_left_alone(policy: &Policy, scope: &Scope, snapshot: &Snapshot, now: Moment) -> Option<CompactString> {
    let because = snapshot_stays(policy, scope, snapshot, now);
    let is_archived = snapshot.tier == StorageTier::Archive;
    because.or_else(|| is_archived.then(|| CompactString::const_new("archived, and no stage of its image did that")))
}

/// The same of a snapshot that a stage of its image may have archived.
#[must_use]
pub fn snapshot_stays(policy: &Policy, scope: &Scope, snapshot: &Snapshot, now: Moment) -> Option<CompactString> {
    if snapshot.owner != scope.account {
        return Some(format_compact!("owned by account {}", snapshot.owner));
    }
    if let Some(because) = protected_or_managed(policy, scope, &snapshot.tags, now) {
        return Some(because);
    }
    match snapshot.state {
        SnapshotState::Completed | SnapshotState::Error => None,
        SnapshotState::Pending => Some(CompactString::const_new("still being made")),
        SnapshotState::Recoverable | SnapshotState::Recovering | SnapshotState::Unknown => {
            Some(CompactString::const_new("in a state that this version leaves alone"))
        }
    }
}

/// Why the policy or a service of AWS keeps what has these tags.
pub(super) fn protected_or_managed(policy: &Policy, scope: &Scope, tags: &Tags, now: Moment) -> Option<CompactString> {
    if let Some(rule) = policy.protect.iter().find(|rule| rule.matches_snapshot(tags, scope)) {
        return Some(format_compact!("the policy protects {}", rule.describe()));
    }
    kept_by_tags(tags, now)
}

/// Why tags of AWS's services, or an exception until a date, keep a snapshot or volume, whatever the policy.
#[must_use]
pub fn kept_by_tags(tags: &Tags, now: Moment) -> Option<CompactString> {
    tags.iter().find_map(|(key, value)| match key {
        KEEP_UNTIL_TAG if is_kept_until(value, now) => {
            Some(format_compact!("its tag {KEEP_UNTIL_TAG} keeps it: {value}"))
        }
        "aws:backup:source-resource" => Some(CompactString::const_new("managed by AWS Backup")),
        "dlm:managed" | "aws:dlm:lifecycle-policy-id" | "aws:dlm:lifecycle-schedule-name" => {
            Some(CompactString::const_new("managed by Data Lifecycle Manager"))
        }
        _ => None,
    })
}
