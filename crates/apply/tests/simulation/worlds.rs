//! The accounts that plans are run in, by chance.

use std::sync::Arc;

use amictl_model::{ImageId, ImageState, Tags};
use amictl_sandbox::world::{Template, TemplateData, TemplateVersion, World};
use fastrand::Rng;

use crate::story::{self, DEREGISTER, Story, account, region};

/// Images with snapshots of their own or shared ones, some of them used.
pub(crate) fn world(story: &Story, rng: &mut Rng) -> Vec<ImageId> {
    let common = story.snapshot();
    template(story);
    let count = rng.usize(2..9);
    let mut images = Vec::with_capacity(count);
    for number in 0..count {
        let mut snapshots = vec![story.snapshot()];
        if rng.u8(..3) == 0 {
            snapshots.push(common.clone());
        }
        let image = story.image_on(&format!("image-{number}"), &snapshots);
        match rng.u8(..6) {
            0 => story.launch(&image),
            1 => story.change(&image, |image| image.permissions.clear()),
            _ => {}
        }
        images.push(image);
    }
    images
}

/// A policy of three stages, whose waits are over for images that were staged ten days ago.
pub(crate) fn staged_policy() -> String {
    let stages = "[{ deprecate: { after: 1d } }, { disable: { after: 2d } }, { deregister: { after: 3d } }]";
    DEREGISTER.replace("[deregister]", stages).replace("limits:", "protect: [{ tag: { hold: \"*\" } }]\nlimits:")
}

/// Brings some of the images to stages, as earlier runs would have, and holds some of those.
pub(crate) fn on_their_way(story: &Story, images: &[ImageId], rng: &mut Rng) {
    let since = story::now().plus_secs(-10 * story::DAY);
    for id in images {
        let stage = ["", "marked", "deprecate", "disable"][rng.usize(..4)];
        if stage.is_empty() {
            continue;
        }
        let mut tags: Vec<(&str, String)> = vec![
            ("amictl:stage", stage.to_owned()),
            ("amictl:since", since.to_string()),
            ("amictl:policy", "all".to_owned()),
        ];
        if rng.u8(..3) == 0 {
            tags.push(("hold", "yes".to_owned()));
        }
        if stage != "marked" {
            tags.push(("amictl:deprecation", "none".to_owned()));
        }
        if stage == "disable" {
            tags.push(("amictl:shared", "210987654321 end".to_owned()));
        }
        story.change(id, |image| {
            image.tags = tags.into_iter().collect();
            image.deprecation_at = (stage != "marked").then_some(since);
            if stage == "disable" {
                image.state = ImageState::Disabled;
                image.permissions.clear();
            }
        });
    }
}

/// A launch template whose first version names an image of somebody else.
fn template(story: &Story) {
    let mut world = story.sandbox.world();
    let id = world.new_id("lt-");
    world.scope_mut(account(), &region()).put_template(Template {
        id,
        name: "others".into(),
        created_at: story::now().plus_secs(-story::DAY),
        created_by: "arn:aws:iam::123456789012:user/other".into(),
        default_version: 1,
        latest_version: 1,
        versions: [(1, Arc::new(template_version(1, "ami-0fedcba9876543210")))].into(),
        hidden_for: None,
        tags: Tags::default(),
    });
}

fn template_version(number: u64, image: &str) -> TemplateVersion {
    TemplateVersion {
        number,
        description: None,
        created_at: story::now().plus_secs(-story::DAY),
        created_by: "arn:aws:iam::123456789012:user/other".into(),
        data: TemplateData::of_image(image, "t3.micro"),
    }
}

/// A new version of the account's launch template, which names this image.
pub(crate) fn name_in_template(world: &mut World, image: &ImageId) {
    let scope = world.scope_mut(account(), &region());
    let mut template = scope.templates().next().unwrap().clone();
    template.latest_version += 1;
    let version = template_version(template.latest_version, image.as_str());
    template.versions.insert(template.latest_version, Arc::new(version));
    scope.put_template(template);
}
