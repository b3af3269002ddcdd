//! Auto Scaling groups, of any size: through launch configurations, launch templates, mixed instances and their overrides.

use amictl_cloud::for_each_page;
use amictl_cloud::ops::{AutoScalingGroup, DescribeAutoScalingGroups, DescribeAutoScalingGroupsRequest};
use amictl_model::{Coverage, ImageId, Reference, Source, Usage};

use super::launch_configurations::ConfigurationIndex;
use super::launch_templates::{Resolved, TemplateIndex};
use crate::Reader;
use crate::reader::Tally;

/// Groups as listed, before what they name has been read.
pub struct ListedGroups {
    groups: Vec<AutoScalingGroup>,
    tally: Tally,
}

/// Lists all groups of the account and Region.
///
/// To be done *before* launch configurations and templates are read: then whatever a group names is either in those lists or
/// has been deleted since.
pub async fn list(reader: Reader<'_>) -> ListedGroups {
    let mut tally = reader.begin(Source::AutoScalingGroups);
    let mut groups = Vec::new();
    let request = DescribeAutoScalingGroupsRequest::default();
    let outcome = for_each_page::<DescribeAutoScalingGroups>(reader.cloud, &reader.scope.region, request, |page| {
        groups.extend(page.groups);
    })
    .await;
    tally.paged(outcome);
    tally.items = groups.len() as u64;
    ListedGroups { groups, tally }
}

/// Follows what the groups name to images.
///
/// A name that leads nowhere in a list that was read whole is of something deleted: the group cannot launch, and is noted. In a
/// list that was not read whole it may be anything, and that list's own coverage blocks.
#[must_use]
pub fn resolve(
    reader: Reader<'_>,
    listed: ListedGroups,
    templates: &TemplateIndex,
    configurations: &ConfigurationIndex,
) -> (Vec<Reference>, Coverage) {
    let ListedGroups { groups, mut tally } = listed;
    let mut references = Vec::new();
    for group in &groups {
        let mut uses = |image: ImageId, via: &str| {
            references.push(Reference {
                image,
                source: Source::AutoScalingGroups,
                resource: group.name.as_str().into(),
                usage: Usage::AutoScalingGroup { via: via.into() },
            });
        };
        for name in &group.launch_configurations {
            match configurations.image(name) {
                Some(image) => uses(image.clone(), &format!("launch configuration {name}")),
                None => tally.note(format!("group {} names launch configuration {name}, not found", group.name)),
            }
        }
        for used in &group.templates {
            match templates.resolve(used) {
                Resolved::Image { image, version } => uses(image, &format!("{} {version}", used.place)),
                Resolved::NoImage => {}
                Resolved::Missing => {
                    let name = used.id.as_deref().or(used.name.as_deref()).unwrap_or("?");
                    let version = used.version.as_deref().unwrap_or("$Default");
                    tally.note(format!("group {} names launch template {name}:{version}, not found", group.name));
                }
            }
        }
        for image in &group.override_images {
            match image.parse() {
                Ok(image) => uses(image, "mixed instances override"),
                Err(error) => tally.unresolved(format!("group {}: override: {error}", group.name)),
            }
        }
    }
    references.sort_unstable_by(|a, b| (&a.image, &a.resource).cmp(&(&b.image, &b.resource)));
    references.dedup_by(|a, b| a.image == b.image && a.resource == b.resource);
    (references, reader.finish(tally))
}
