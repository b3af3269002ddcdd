//! What could not be read and might have kept an image: unknown is not unused.

use amictl_model::{CoverageStatus, FileEvidence, Image, LaunchPermissions, ScopeInventory, Source};
use compact_str::{CompactString, format_compact};

use crate::policy::{Family, Policy};
use crate::protect::ProtectRule;
use crate::selector::Subject;
use crate::{Reason, ReasonCode, Truth};

/// The sources of this scope that retiring needs and that were not read whole.
pub(super) fn of_scope<'a>(policy: &'a Policy, scope: &'a ScopeInventory) -> impl Iterator<Item = Reason> + 'a {
    // An incomplete list of images miscounts the newest; one of snapshots hides what a deletion would take along.
    let lists = [Source::Images, Source::Snapshots].into_iter().filter_map(|source| of_source(scope, source));
    lists.chain(references_of(policy, scope)).chain(of_aggregator(scope))
}

/// The aggregator of AWS Config, where it was asked and did not tell all.
fn of_aggregator(scope: &ScopeInventory) -> Option<Reason> {
    let was_asked = scope.coverage.iter().any(|coverage| coverage.source == Source::ConfigAggregator);
    was_asked.then(|| of_source(scope, Source::ConfigAggregator))?
}

/// The reference sources of this scope that were not read whole.
pub(super) fn references_of<'a>(policy: &'a Policy, scope: &'a ScopeInventory) -> impl Iterator<Item = Reason> + 'a {
    let needed = Source::REFERENCES.iter().filter(|source| !policy.references.not_used.contains(source));
    needed.filter_map(|source| of_source(scope, *source))
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
    Some(blocking(source, message))
}

fn blocking(source: Source, message: CompactString) -> Reason {
    Reason { code: ReasonCode::Unreadable, message, source: Some(source), resource: None }
}

/// The reason when files could not be read: any of them may name any image.
pub(super) fn of_files(files: &FileEvidence) -> Option<Reason> {
    let message = match files.failures.as_slice() {
        [] => return None,
        [one] => format_compact!("a file could not be read: {}", short(one)),
        [first, rest @ ..] => format_compact!("{} files could not be read: {} …", rest.len() + 1, short(first)),
    };
    Some(blocking(Source::Files, message))
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
    Some(blocking(Source::LaunchPermissions, message))
}

/// The reason when it cannot be told whether a `protect` rule names this image, which only selectors leave open.
pub(super) fn protection(policy: &Policy, subject: &Subject<'_>) -> Option<Reason> {
    let is_unknown =
        |rule: &&ProtectRule| matches!(rule, ProtectRule::Where(_)) && rule.truth(subject) == Truth::Unknown;
    let rule = policy.protect.iter().find(is_unknown)?;
    // Launch permissions that were not read are a reason of their own.
    subject.image.launch_permissions.known()?;
    let message = format_compact!("whether the policy protects it cannot be told: {}", rule.describe());
    Some(Reason { code: ReasonCode::Unreadable, message, source: None, resource: None })
}

/// The reason when it cannot be told whether this family matches an image.
pub(super) fn membership(family: &Family) -> Reason {
    let message = format_compact!("whether family {} matches it cannot be told from the inventory", family.name);
    Reason { code: ReasonCode::Unreadable, message, source: None, resource: None }
}

/// The second witness of one scope, if it was asked and the policy wants to hear it. Where it was never asked, the sources speak alone.
pub(super) struct Witness<'a>(Option<&'a ScopeInventory>);

impl<'a> Witness<'a> {
    pub(super) fn new(policy: &Policy, scope: &'a ScopeInventory) -> Self {
        let source = Source::ImageReferences;
        let is_heard = !policy.references.not_used.contains(&source) && scope.coverage_of(source).is_some();
        Self(is_heard.then_some(scope))
    }

    /// The reason when it did not speak of this image.
    pub(super) fn silent_on(&self, image: &Image) -> Option<Reason> {
        let message = match self.0?.witnessed(&image.id).map(|witnessed| witnessed.failure.as_deref()) {
            Some(None) => return None,
            Some(Some(why)) => format_compact!("what EC2 knows of references to it could not be read: {}", short(why)),
            None => CompactString::const_new("EC2 was not asked what it knows of references to it"),
        };
        Some(blocking(Source::ImageReferences, message))
    }
}

pub(super) fn short(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(at, _)| &text[..at])
}
