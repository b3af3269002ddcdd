//! Image Builder: the base images of image recipes and container recipes, and the launch templates of distributions.
//!
//! A base image is named by its id, by a parameter (`ssm:NAME`), or as an image that Image Builder itself built, which leads
//! to the newest build that there is. Pipelines name recipes only.

mod built;

use amictl_cloud::ops::{AllRequest, LauncherPage, ListContainerRecipes, ListImageRecipes};
use amictl_cloud::{Call, Cloud, Paged};
use amictl_model::{ImageId, Source};
use compact_str::CompactString;
use serde_json::Value;

use super::cloud_control::{image_ids_in, launch_templates_in, resources};
use crate::Reader;
use crate::aliases::is_alias;
use crate::listed::{Listed, Target};
use built::{BuiltImages, ImageArn};

/// A base image that Image Builder built, and the recipe that names it.
struct Based {
    resource: CompactString,
    what: &'static str,
    image: ImageArn,
}

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::ImageBuilder);
    if listed.tally.is_skipped() {
        return listed;
    }
    let mut based = recipes::<ListImageRecipes>(reader, &mut listed, "Image Builder recipe").await;
    based.extend(recipes::<ListContainerRecipes>(reader, &mut listed, "Image Builder container recipe").await);
    built_bases(reader, &mut listed, based).await;
    distributions(reader, &mut listed).await;
    listed
}

/// Enters what recipes name; what Image Builder itself built is returned, to be looked for.
async fn recipes<O>(reader: Reader<'_>, listed: &mut Listed, what: &'static str) -> Vec<Based>
where
    O: Paged<Request = AllRequest, Reply = LauncherPage>,
    for<'c> dyn Cloud + 'c: Call<O>,
{
    let mut recipes = Vec::new();
    let each = |page: LauncherPage| recipes.extend(page.launchers);
    reader.pages::<O>(&mut listed.tally, AllRequest::default(), each).await;
    let mut based = Vec::new();
    for recipe in recipes {
        listed.tally.items += 1;
        let resource = CompactString::from(recipe.id);
        for used in recipe.images {
            match base(&used.image) {
                Base::Named => listed.name(&resource, &what.into(), "", Target::Image(used.image)),
                Base::Built(image) => based.push(Based { resource: resource.clone(), what, image }),
                Base::OfOthers => {}
                Base::Unknown => listed.tally.unresolved(format!(
                    "{what} {resource} is based on `{}`, which is no image id, parameter or image of Image Builder",
                    used.image
                )),
            }
        }
    }
    based
}

/// How a recipe names its base image.
enum Base {
    /// By an id or a parameter.
    Named,
    /// As something that Image Builder built in some account.
    Built(ImageArn),
    /// As something that AWS or a seller keeps.
    OfOthers,
    Unknown,
}

fn base(text: &str) -> Base {
    if is_alias(text) || text.parse::<ImageId>().is_ok() {
        return Base::Named;
    }
    if text
        .strip_prefix("prod-")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return Base::OfOthers;
    }
    match ImageArn::parse(text) {
        Some(image) if image.is_public() => Base::OfOthers,
        Some(image) => Base::Built(image),
        None => Base::Unknown,
    }
}

/// Enters the images that base images which Image Builder built have come to.
async fn built_bases(reader: Reader<'_>, listed: &mut Listed, based: Vec<Based>) {
    if based.is_empty() {
        return;
    }
    let mut built =
        BuiltImages::list(reader, &mut listed.tally, &based.iter().map(|b| &b.image).collect::<Vec<_>>()).await;
    for Based { resource, what, image } in based {
        match built.newest(reader, &mut listed.tally, &image).await {
            Some(id) => listed.name(&resource, &what.into(), "built base image", Target::Image(id)),
            None => {
                listed.tally.unresolved(format!("{what} {resource} is based on {image}, of which no build was found"));
            }
        }
    }
}

/// Enters the launch templates that distributions in this Region make new versions of, or start instances from.
async fn distributions(reader: Reader<'_>, listed: &mut Listed) {
    let what = CompactString::const_new("Image Builder distribution");
    for (id, properties) in resources(reader, listed, "AWS::ImageBuilder::DistributionConfiguration", None).await {
        listed.tally.items += 1;
        let resource = CompactString::from(id);
        let here = properties.get("Distributions").and_then(Value::as_array).into_iter().flatten();
        let here = here.filter(|one| one.get("Region").and_then(Value::as_str) == Some(reader.scope.region.as_str()));
        for distribution in here {
            for image in image_ids_in(distribution) {
                listed.name(&resource, &what, "", Target::Image(image.to_string()));
            }
            for list in ["LaunchTemplateConfigurations", "FastLaunchConfigurations"] {
                let entries = distribution.get(list).and_then(Value::as_array).into_iter().flatten();
                for entry in entries.filter(|entry| is_of(entry, &reader.scope.account.to_string())) {
                    for used in launch_templates_in(entry) {
                        listed.name(&resource, &what, used.place, Target::Template(used));
                    }
                }
            }
        }
    }
}

/// Whether an entry is about this account; another account's launch templates name that account's images.
fn is_of(entry: &Value, account: &str) -> bool {
    entry.get("AccountId").and_then(Value::as_str).is_none_or(|of| of == account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_image_is_named_in_one_of_these_ways_or_not_understood() {
        let arn = |account: &str| format!("arn:aws:imagebuilder:us-east-1:{account}:image/web/x.x.x");
        for (text, expected) in [
            ("ami-0123456789abcdef0".to_owned(), "named"),
            ("ssm:/golden/web".to_owned(), "named"),
            (arn("123456789012"), "built"),
            (arn("aws"), "of others"),
            (arn("aws-marketplace"), "of others"),
            (arn("third-party"), "of others"),
            ("prod-abc123".to_owned(), "of others"),
            ("arn:aws:imagebuilder:us-east-1:123456789012:component/web/x.x.x".to_owned(), "unknown"),
            ("my golden image".to_owned(), "unknown"),
            ("prod-".to_owned(), "unknown"),
            (String::new(), "unknown"),
        ] {
            let found = match base(&text) {
                Base::Named => "named",
                Base::Built(_) => "built",
                Base::OfOthers => "of others",
                Base::Unknown => "unknown",
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
