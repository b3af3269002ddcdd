//! What uses an image.

use std::cmp::Ordering;

use amictl_model::{FileEvidence, FileMention, ImageId, Reference, Source, Usage};
use compact_str::{CompactString, format_compact};

use super::elsewhere::{Foreign, Others};
use super::{Reasons, say};
use crate::policy::{LaunchTemplateVersions, Policy};
use crate::{Reason, ReasonCode};

/// How many uses of an image are told one by one.
pub(super) const USES_TOLD_MAX: usize = 3;

/// The references of a scope, sorted by image, read along with the images.
pub(super) struct Uses<'a> {
    references: Vec<&'a Reference>,
    cursor: usize,
    /// How many references were found, and where they end; each is counted at most once.
    found: usize,
    found_up_to: usize,
    versions: LaunchTemplateVersions,
    others: Others<'a>,
    files: &'a Mentions<'a>,
}

/// What files say, sorted by image.
pub(super) struct Mentions<'a>(Vec<&'a FileMention>);

impl<'a> Mentions<'a> {
    pub(super) fn new(files: Option<&'a FileEvidence>) -> Self {
        let mut mentions: Vec<&FileMention> = files.iter().flat_map(|files| &files.mentions).collect();
        mentions.sort();
        Self(mentions)
    }

    fn of(&self, image: &ImageId) -> &[&'a FileMention] {
        if self.0.is_empty() {
            return &[];
        }
        let start = self.0.partition_point(|mention| mention.image < *image);
        let len = self.0[start..].partition_point(|mention| mention.image == *image);
        &self.0[start..start + len]
    }
}

/// The uses of one image.
pub(super) struct Found<'a> {
    references: &'a [&'a Reference],
    elsewhere: &'a [Foreign<'a>],
    mentions: &'a [&'a FileMention],
    versions: LaunchTemplateVersions,
    /// Whether a launch template version names it that the policy does not count.
    pub(super) out_of_scope: bool,
}

impl<'a> Uses<'a> {
    pub(super) fn new(
        policy: &Policy,
        references: &'a [Reference],
        others: Others<'a>,
        files: &'a Mentions<'a>,
    ) -> Self {
        let mut references: Vec<&Reference> = references.iter().collect();
        // An inventory is sorted, and then this is one pass; a missed reference would be a lost image.
        references.sort_by(|a, b| (&a.image, a.source, &a.resource).cmp(&(&b.image, b.source, &b.resource)));
        Self {
            references,
            cursor: 0,
            found: 0,
            found_up_to: 0,
            versions: policy.references.launch_template_versions,
            others,
            files,
        }
    }

    /// The uses of this image: found at once when images come in the order of their ids, by search otherwise.
    pub(super) fn of(&mut self, image: &ImageId) -> Found<'_> {
        let all = self.references.as_slice();
        let (mut start, mut len) = run(all, self.cursor, image);
        // Found none: they may have been passed. Otherwise none were, as the cursor never stands among the uses of one image.
        if len == 0 && start > 0 && all[start - 1].image >= *image {
            (start, len) = run(all, all.partition_point(|reference| reference.image < *image), image);
        }
        self.cursor = start + len;
        if start >= self.found_up_to {
            (self.found, self.found_up_to) = (self.found + len, self.cursor);
        }
        let references = &all[start..start + len];
        let elsewhere = self.others.uses_of(image);
        let out_of_scope = references.iter().any(|reference| !self.versions.counts(reference))
            || elsewhere.iter().any(|foreign| !self.versions.counts(foreign.reference));
        Found { references, elsewhere, mentions: self.files.of(image), versions: self.versions, out_of_scope }
    }

    /// Whether every reference was found by its image. Where images do not come in the order of their ids this may say no in vain.
    pub(super) fn all_found(&self) -> bool {
        self.found == self.references.len()
    }
}

/// Where from `start` on the references to this image begin, and how many they are; each is compared but once.
fn run(all: &[&Reference], mut start: usize, image: &ImageId) -> (usize, usize) {
    while let Some(reference) = all.get(start) {
        match reference.image.cmp(image) {
            Ordering::Less => start += 1,
            Ordering::Equal => {
                let more = all[start + 1..].iter().take_while(|reference| reference.image == *image).count();
                return (start, 1 + more);
            }
            Ordering::Greater => break,
        }
    }
    (start, 0)
}

impl Found<'_> {
    /// Adds a reason for each of the first uses and one for the rest.
    pub(super) fn tell(&self, reasons: &mut Reasons, scratch: &mut String) {
        let mut told = Told { reasons, more: 0 };
        for reference in self.references.iter().filter(|reference| self.versions.counts(reference)) {
            told.add(|| Reason {
                code: ReasonCode::InUse,
                message: message(reference, scratch),
                source: Some(reference.source),
                resource: Some(reference.resource.clone()),
            });
        }
        for foreign in self.elsewhere.iter().filter(|foreign| self.versions.counts(foreign.reference)) {
            told.add(|| Reason {
                code: ReasonCode::InUse,
                message: message(foreign.reference, scratch),
                source: Some(foreign.reference.source),
                resource: Some(format_compact!("{}: {}", foreign.account, foreign.reference.resource)),
            });
        }
        for mention in self.mentions {
            told.add(|| Reason {
                code: ReasonCode::InUse,
                message: CompactString::const_new("named in a file"),
                source: Some(Source::Files),
                resource: Some(CompactString::from(&*mention.place)),
            });
        }
        if told.more > 0 {
            let message = say(scratch, format_args!("and {} more uses", told.more));
            reasons.push(super::reason(ReasonCode::InUse, message));
        }
    }
}

/// The uses of one image while they are told.
struct Told<'r> {
    reasons: &'r mut Reasons,
    /// Those that are only counted.
    more: usize,
}

impl Told<'_> {
    fn add(&mut self, reason: impl FnOnce() -> Reason) {
        if self.reasons.len() < USES_TOLD_MAX {
            self.reasons.push(reason());
        } else {
            self.more += 1;
        }
    }
}

/// What uses it, in a fixed text where there is one: there may be as many as images, and the resource stands beside.
fn message(reference: &Reference, scratch: &mut String) -> CompactString {
    CompactString::const_new(match &reference.usage {
        Usage::Instance { state } => match state.as_str() {
            "running" => "used by a running instance",
            "stopped" => "used by a stopped instance",
            "pending" => "used by a pending instance",
            "stopping" => "used by a stopping instance",
            "shutting-down" => "used by an instance that is shutting down",
            _ => return say(scratch, format_args!("used by an instance in state {state}")),
        },
        Usage::LaunchTemplateVersion { default, alias, .. } => match (default, alias) {
            (true, true) => "used by the default version of a launch template, through an SSM parameter",
            (true, false) => "used by the default version of a launch template",
            (false, true) => "used by a launch template version, through an SSM parameter",
            (false, false) => "used by a launch template version",
        },
        Usage::LaunchConfiguration => "used by a launch configuration",
        Usage::AutoScalingGroup { via } => {
            return say(scratch, format_args!("used by an Auto Scaling group ({via})"));
        }
        Usage::Other { what } => return say(scratch, format_args!("used by {what}")),
    })
}
