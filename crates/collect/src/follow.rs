//! From what resources name to images: through parameters, launch configurations and launch templates.
//!
//! What a list that was read whole does not know may have been made since, so it is looked for once more by its name. Only what is
//! not there then either is taken for deleted: nothing can launch from it.

use std::collections::HashMap;

use amictl_cloud::ops::{
    DescribeLaunchConfigurations, DescribeLaunchConfigurationsReply, DescribeLaunchConfigurationsRequest,
    DescribeLaunchTemplateVersions, DescribeLaunchTemplateVersionsRequest, LaunchTemplateUse,
};
use amictl_cloud::{ErrorClass, PageError, for_each_page};
use amictl_model::{Coverage, CoverageStatus, ImageId, Reference, Source, Usage};
use compact_str::{CompactString, format_compact};
use futures::stream::{self, StreamExt};

use crate::Reader;
use crate::aliases::{self, Aliases, is_alias};
use crate::listed::{Listed, Named, Target};
use crate::sources::launch_configurations::ConfigurationIndex;
use crate::sources::launch_templates::{Resolved, TemplateIndex};

/// What names are followed through, and how reading it went.
pub(crate) struct Indices {
    pub(crate) templates: TemplateIndex,
    pub(crate) template_status: CoverageStatus,
    pub(crate) configurations: ConfigurationIndex,
    pub(crate) configuration_status: CoverageStatus,
    /// The image of each instance.
    pub(crate) instances: HashMap<CompactString, ImageId>,
}

/// Follows everything that these sources name.
pub(crate) async fn follow(
    reader: Reader<'_>,
    sources: Vec<Listed>,
    indices: &Indices,
) -> (Vec<Reference>, Vec<Coverage>) {
    let named = || sources.iter().flat_map(|source| &source.named);
    let aliases = Aliases::get(reader, named().filter_map(alias)).await;
    let missing = look_for_missing(reader, named(), indices).await;
    let configurations = list_configurations_again(reader, named(), indices).await;
    let following = Following { aliases, missing, configurations, indices };
    let mut references = Vec::new();
    let mut coverage = Vec::with_capacity(sources.len());
    for Listed { source, mut tally, named } in sources {
        let start = references.len();
        for named in named {
            match following.image(&named) {
                Ok(Found::Image(image, via)) => references.push(reference(source, image, named, &via)),
                Ok(Found::Nothing) => {}
                Ok(Found::Deleted(what)) => tally.note(format!("{} names {what}, not found", named.resource)),
                Err(Lost::Unresolved(why)) => tally.unresolved(format!("{}: {why}", named.resource)),
                Err(Lost::Failed(error)) => tally.fail(&error),
            }
        }
        references[start..].sort_unstable_by(|a, b| (&a.image, &a.resource).cmp(&(&b.image, &b.resource)));
        coverage.push(reader.finish(tally));
    }
    references.dedup_by(|a, b| a.source == b.source && a.image == b.image && a.resource == b.resource);
    (references, coverage)
}

fn alias(named: &Named) -> Option<&str> {
    match &named.target {
        Target::Image(text) if is_alias(text) => Some(text),
        _ => None,
    }
}

fn reference(source: Source, image: ImageId, named: Named, via: &str) -> Reference {
    let usage = if source == Source::AutoScalingGroups {
        Usage::AutoScalingGroup { via: via.into() }
    } else {
        let what = if via.is_empty() { named.what } else { format_compact!("{}, by {via}", named.what) };
        Usage::Other { what }
    };
    Reference { image, source, resource: named.resource, usage }
}

/// Where a name leads.
enum Found {
    /// To this image, through what is told.
    Image(ImageId, String),
    /// To something that names no image itself.
    Nothing,
    /// To something that is not there any more.
    Deleted(String),
}

/// Why it is not known where a name leads.
enum Lost {
    Unresolved(String),
    Failed(PageError),
}

struct Following<'a> {
    aliases: Aliases,
    missing: HashMap<TemplateKey, Result<Resolved, PageError>>,
    /// The images of launch configurations by name, listed once more where one is named that was not in the list.
    configurations: Result<HashMap<String, String>, PageError>,
    indices: &'a Indices,
}

/// What a template's use is looked for by.
type TemplateKey = (Option<String>, Option<String>, Option<String>);

fn key(used: &LaunchTemplateUse) -> TemplateKey {
    (used.id.clone(), used.name.clone(), used.version.clone())
}

impl Following<'_> {
    fn image(&self, named: &Named) -> Result<Found, Lost> {
        match &named.target {
            Target::Image(text) if is_alias(text) => match self.aliases.image(text) {
                Ok(image) => Ok(Found::Image(image, format!("{} {text}", named.place))),
                Err(aliases::Lost::Unresolved(why)) => Err(Lost::Unresolved(why)),
                Err(aliases::Lost::Failed(error)) => Err(Lost::Failed(error.into())),
            },
            Target::Image(text) => match text.parse() {
                Ok(image) => Ok(Found::Image(image, named.place.to_owned())),
                Err(error) => Err(Lost::Unresolved(format!("{}: {error}", named.place))),
            },
            Target::Configuration(name) => match self.indices.configurations.image(name) {
                Some(image) => Ok(Found::Image(image.clone(), format!("launch configuration {name}"))),
                None if self.indices.configuration_status == CoverageStatus::Skipped => Err(Lost::Unresolved(format!(
                    "it names launch configuration {name}, and the policy says that {} are not used",
                    Source::LaunchConfigurations
                ))),
                None => match &self.configurations {
                    Ok(made_since) => match made_since.get(name) {
                        Some(image) => match image.parse() {
                            Ok(image) => Ok(Found::Image(image, format!("launch configuration {name}"))),
                            Err(error) => Err(Lost::Unresolved(format!("launch configuration {name}: {error}"))),
                        },
                        None => Ok(Found::Deleted(format!("launch configuration {name}"))),
                    },
                    Err(error) => Err(Lost::Failed(error.clone())),
                },
            },
            Target::Instance(id) => match self.indices.instances.get(id.as_str()) {
                Some(image) => Ok(Found::Image(image.clone(), format!("instance {id}"))),
                None => Err(Lost::Unresolved(format!("it runs on instance {id}, which is not among the instances"))),
            },
            Target::Template(used) => self.template(used, named.place),
        }
    }

    fn template(&self, used: &LaunchTemplateUse, place: &str) -> Result<Found, Lost> {
        let resolved = match self.indices.templates.resolve(used) {
            Resolved::Missing => match self.missing.get(&key(used)) {
                Some(Ok(resolved)) => resolved.clone(),
                Some(Err(error)) => return Err(Lost::Failed(error.clone())),
                // The list of templates was not read whole, and says so itself.
                None => Resolved::Missing,
            },
            resolved => resolved,
        };
        Ok(match resolved {
            Resolved::Image { image, version } => Found::Image(image, format!("{place} {version}")),
            Resolved::NoImage => Found::Nothing,
            Resolved::Unresolved(text) => {
                return Err(Lost::Unresolved(format!("{place} {}: `{text}` could not be resolved", shown(used))));
            }
            Resolved::Missing => Found::Deleted(format!("launch template {}", shown(used))),
        })
    }
}

fn shown(used: &LaunchTemplateUse) -> CompactString {
    let name = used.id.as_deref().or(used.name.as_deref()).unwrap_or("?");
    format_compact!("{name}:{}", used.version.as_deref().unwrap_or("$Default"))
}

/// Looks for the template versions that are named and are not in the index.
async fn look_for_missing<'n>(
    reader: Reader<'_>,
    named: impl Iterator<Item = &'n Named>,
    indices: &Indices,
) -> HashMap<TemplateKey, Result<Resolved, PageError>> {
    if matches!(indices.template_status, CoverageStatus::Denied | CoverageStatus::Failed) {
        return HashMap::new();
    }
    let mut wanted: Vec<&LaunchTemplateUse> = named
        .filter_map(|named| match &named.target {
            Target::Template(used) if indices.templates.resolve(used) == Resolved::Missing => Some(used),
            _ => None,
        })
        .collect();
    wanted.sort_unstable_by_key(|used| key(used));
    wanted.dedup_by_key(|used| key(used));
    stream::iter(wanted)
        .map(|used| async move { (key(used), look_for(reader, used).await) })
        .buffer_unordered(reader.concurrency.max(1))
        .collect()
        .await
}

/// Lists launch configurations once more where one is named that the list has not: EC2 Auto Scaling deletes none that a group uses.
async fn list_configurations_again<'n>(
    reader: Reader<'_>,
    mut named: impl Iterator<Item = &'n Named>,
    indices: &Indices,
) -> Result<HashMap<String, String>, PageError> {
    let mut found = HashMap::new();
    let is_missing = |named: &Named| matches!(&named.target, Target::Configuration(name) if indices.configurations.image(name).is_none());
    if indices.configuration_status != CoverageStatus::Complete || !named.any(is_missing) {
        return Ok(found);
    }
    let each = |page: DescribeLaunchConfigurationsReply| {
        found.extend(page.configurations.into_iter().map(|configuration| (configuration.name, configuration.image)));
    };
    let request = DescribeLaunchConfigurationsRequest::default();
    let (_, result) =
        for_each_page::<DescribeLaunchConfigurations>(reader.cloud, &reader.scope.region, request, each).await;
    result.map(|()| found)
}

async fn look_for(reader: Reader<'_>, used: &LaunchTemplateUse) -> Result<Resolved, PageError> {
    let request = DescribeLaunchTemplateVersionsRequest {
        template_id: used.id.clone(),
        template_name: used.name.clone().filter(|_| used.id.is_none()),
        versions: vec![used.version.clone().unwrap_or_else(|| "$Default".to_owned())],
        resolve_alias: true,
        next_token: None,
    };
    let mut found = Resolved::Missing;
    let (_, result) =
        for_each_page::<DescribeLaunchTemplateVersions>(reader.cloud, &reader.scope.region, request, |page| {
            if let Some(version) = page.versions.into_iter().next() {
                found = match version.image {
                    None => Resolved::NoImage,
                    Some(text) => match text.parse() {
                        Ok(image) => {
                            Resolved::Image { image, version: format!("{}:{}", version.template_id, version.number) }
                        }
                        Err(_) => Resolved::Unresolved(text),
                    },
                };
            }
        })
        .await;
    match result {
        Ok(()) => Ok(found),
        Err(PageError::Call(error)) if error.class == ErrorClass::NotFound => Ok(Resolved::Missing),
        Err(error) => Err(error),
    }
}
