//! Every version of every launch template, raw and with aliases resolved, whether a group uses it or not.
//!
//! One call a template at least: the call without a template tells only `$Latest` and `$Default`, and so misses a pinned
//! version in the middle. Aliases (`resolve:ssm:…`) are read a second time, resolved, only where a version has one.

use std::collections::HashMap;

use amictl_cloud::ops::{
    DescribeLaunchTemplateVersions, DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplates,
    DescribeLaunchTemplatesReply, DescribeLaunchTemplatesRequest, LaunchTemplate, LaunchTemplateUse,
    LaunchTemplateVersion,
};
use amictl_cloud::{ErrorClass, PageError, for_each_page};
use amictl_model::{Coverage, ImageId, Reference, SnapshotUse, Source, Usage};
use futures::stream::{self, StreamExt};

use super::snapshot_uses;
use crate::Reader;
use crate::reader::Tally;

/// Versions that one call may name.
const VERSIONS_PER_CALL_MAX: usize = 200;

/// The templates with the image of each version, for the groups that name them.
#[derive(Debug, Default)]
pub(crate) struct TemplateIndex {
    by_id: HashMap<String, TemplateEntry>,
    id_by_name: HashMap<String, String>,
}

#[derive(Debug)]
struct TemplateEntry {
    default: u64,
    latest: u64,
    images: HashMap<u64, Option<ImageId>>,
}

/// What a template's version leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// This image, by this version of this template.
    Image {
        /// The image.
        image: ImageId,
        /// Such as `lt-0123456789abcdef0:3`.
        version: String,
    },
    /// A version that names no image: whoever uses it names one itself.
    NoImage,
    /// A version whose image, as written here, could not be resolved.
    Unresolved(String),
    /// There is no such template or version.
    Missing,
}

impl TemplateIndex {
    /// The image that this use of a template leads to.
    #[must_use]
    pub(crate) fn resolve(&self, used: &LaunchTemplateUse) -> Resolved {
        let id = used.id.as_ref().or_else(|| used.name.as_ref().and_then(|name| self.id_by_name.get(name)));
        let Some((id, entry)) = id.and_then(|id| self.by_id.get_key_value(id)) else { return Resolved::Missing };
        let number = match used.version.as_deref() {
            None | Some("$Default") => Some(entry.default),
            Some("$Latest") => Some(entry.latest),
            Some(number) => number.parse().ok(),
        };
        match number.and_then(|number| entry.images.get_key_value(&number)) {
            Some((number, Some(image))) => Resolved::Image { image: image.clone(), version: format!("{id}:{number}") },
            Some((_, None)) => Resolved::NoImage,
            None => Resolved::Missing,
        }
    }
}

/// Reads all versions of all templates of the account and Region.
pub(crate) async fn read(reader: Reader<'_>, uses: &mut Vec<SnapshotUse>) -> (Vec<Reference>, TemplateIndex, Coverage) {
    let mut tally = reader.begin(Source::LaunchTemplates);
    let mut templates: Vec<LaunchTemplate> = Vec::new();
    let request = DescribeLaunchTemplatesRequest::default();
    let each = |page: DescribeLaunchTemplatesReply| templates.extend(page.templates);
    reader.pages::<DescribeLaunchTemplates>(&mut tally, request, each).await;
    templates.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    templates.dedup_by(|a, b| a.id == b.id);

    let mut references = Vec::new();
    let mut index = TemplateIndex::default();
    let mut read =
        stream::iter(templates).map(|template| read_template(reader, template)).buffer_unordered(reader.concurrency);
    while let Some(outcome) = read.next().await {
        uses.extend(outcome.snapshot_uses());
        outcome.file(&mut tally, &mut references, &mut index);
    }
    drop(read);
    (references, index, reader.finish(tally))
}

/// One template as read.
struct TemplateOutcome {
    template: LaunchTemplate,
    versions: Vec<LaunchTemplateVersion>,
    /// What `resolve:ssm:…` led to, by version.
    resolved: HashMap<u64, String>,
    calls: u64,
    failure: Option<PageError>,
}

async fn read_template(reader: Reader<'_>, template: LaunchTemplate) -> TemplateOutcome {
    let request =
        DescribeLaunchTemplateVersionsRequest { template_id: Some(template.id.clone()), ..Default::default() };
    let (versions, mut calls, mut failure) = read_versions(reader, request.clone()).await;
    let mut resolved = HashMap::new();
    let aliases: Vec<String> =
        versions.iter().filter(|version| has_alias(version)).map(|version| version.number.to_string()).collect();
    for numbers in aliases.chunks(VERSIONS_PER_CALL_MAX) {
        let request = DescribeLaunchTemplateVersionsRequest {
            versions: numbers.to_vec(),
            resolve_alias: true,
            ..request.clone()
        };
        let (versions, more_calls, more_failure) = read_versions(reader, request).await;
        calls += more_calls;
        // A failure leaves aliases unresolved, and each of those is told by itself.
        if let Some(error) = more_failure {
            failure.get_or_insert(error);
        }
        resolved.extend(versions.into_iter().filter_map(|version| Some((version.number, version.image?))));
    }
    TemplateOutcome { template, versions, resolved, calls, failure }
}

async fn read_versions(
    reader: Reader<'_>,
    request: DescribeLaunchTemplateVersionsRequest,
) -> (Vec<LaunchTemplateVersion>, u64, Option<PageError>) {
    let mut versions = Vec::new();
    let (calls, result) =
        for_each_page::<DescribeLaunchTemplateVersions>(reader.cloud, &reader.scope.region, request, |page| {
            versions.extend(page.versions);
        })
        .await;
    (versions, calls, result.err())
}

fn has_alias(version: &LaunchTemplateVersion) -> bool {
    version.image.as_deref().is_some_and(|image| image.starts_with("resolve:"))
}

impl TemplateOutcome {
    /// The snapshots that its versions name.
    fn snapshot_uses(&self) -> impl Iterator<Item = SnapshotUse> + '_ {
        self.versions.iter().flat_map(|version| {
            let resource = format!("{}:{}", self.template.id, version.number);
            snapshot_uses(Source::LaunchTemplates, &resource, &version.snapshots).collect::<Vec<_>>()
        })
    }

    /// Enters the template into the books.
    fn file(mut self, tally: &mut Tally, references: &mut Vec<Reference>, index: &mut TemplateIndex) {
        tally.calls += self.calls;
        match &self.failure {
            // Deleted since it was listed: nothing can start from it any more.
            Some(PageError::Call(error)) if error.class == ErrorClass::NotFound && self.versions.is_empty() => return,
            Some(error) => tally.fail(error),
            None => {}
        }
        self.versions.sort_unstable_by_key(|version| std::cmp::Reverse(version.number));
        self.versions.dedup_by_key(|version| version.number);
        tally.items += self.versions.len() as u64;
        let template = &self.template;
        for expected in [template.default_version, template.latest_version] {
            if self.failure.is_none() && expected > 0 && !self.versions.iter().any(|version| version.number == expected)
            {
                tally.unresolved(format!(
                    "launch template {}: version {expected} is missing from its list",
                    template.id
                ));
            }
        }
        let mut images = HashMap::with_capacity(self.versions.len());
        for (age_rank, version) in self.versions.iter().enumerate() {
            let alias = has_alias(version);
            let text = if alias { self.resolved.get(&version.number) } else { version.image.as_ref() };
            let image = match text.map(|text| text.parse::<ImageId>()) {
                Some(Ok(image)) => Some(image),
                None if !alias => None,
                _ => {
                    let raw = version.image.as_deref().unwrap_or_default();
                    tally.unresolved(format!(
                        "launch template {}: version {} names `{raw}`, which could not be resolved to an image",
                        template.id, version.number
                    ));
                    None
                }
            };
            if let Some(image) = &image {
                references.push(Reference {
                    image: image.clone(),
                    source: Source::LaunchTemplates,
                    resource: compact_str::format_compact!("{}:{}", template.id, version.number),
                    usage: Usage::LaunchTemplateVersion {
                        version: version.number,
                        age_rank: u32::try_from(age_rank).unwrap_or(u32::MAX),
                        default: version.number == template.default_version,
                        alias,
                    },
                });
            }
            images.insert(version.number, image);
        }
        index.id_by_name.insert(self.template.name, self.template.id.clone());
        let entry =
            TemplateEntry { default: self.template.default_version, latest: self.template.latest_version, images };
        index.by_id.insert(self.template.id, entry);
    }
}
