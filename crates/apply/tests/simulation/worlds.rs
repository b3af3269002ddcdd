//! The accounts that plans are run in, by chance.

use std::sync::Arc;

use amictl_model::{ImageId, ImageState, SnapshotId, StorageTier, Tags};
use amictl_sandbox::world::{Pace, Snapshot, Template, TemplateData, TemplateVersion, Tiering, TieringKind, World};
use fastrand::Rng;

use crate::story::{self, DEREGISTER, Story, account, disable_policy, region};

/// What the policy of a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Disables, and nothing more.
    Disabling,
    /// Brings images from stage to stage.
    Staged,
    /// The same, with a stage that archives their snapshots.
    Archiving,
    /// Deregisters at once.
    Deregistering,
}

impl Kind {
    pub(crate) fn by_chance(rng: &mut Rng) -> Self {
        match rng.u8(..8) {
            0 => Self::Disabling,
            1 | 2 => Self::Staged,
            3..=5 => Self::Archiving,
            _ => Self::Deregistering,
        }
    }

    /// The policy, once its images are where they are by chance.
    pub(crate) fn policy(self, story: &Story, images: &[ImageId], rng: &mut Rng) -> String {
        match self {
            Self::Disabling => disable_policy(),
            Self::Staged => {
                on_their_way(story, images, &["", "marked", "deprecate", "disable"], rng);
                staged_policy("{ deregister: { after: 3d } }")
            }
            Self::Archiving => {
                hold_some(story, rng);
                on_their_way(
                    story,
                    images,
                    &["", "deprecate", "disable", "disable", "disable", "archive_snapshots"],
                    rng,
                );
                let task_secs = [0, 60, 40_000][rng.usize(..3)];
                story.sandbox.world().set_pace(Pace { task_secs, ..Pace::default() });
                staged_policy("{ archive_snapshots: { after: 3d } }, { deregister: { after: 4d } }")
            }
            Self::Deregistering => DEREGISTER.to_owned(),
        }
    }

    /// One of these operations; where snapshots are archived, of the others as often.
    pub(crate) fn draw(self, usual: &[&'static str], of_tiers: &[&'static str], rng: &mut Rng) -> &'static str {
        let operations = if self == Self::Archiving && rng.bool() { of_tiers } else { usual };
        operations[rng.usize(..operations.len())]
    }
}

/// Images with snapshots of their own or shared ones, some of them used.
pub(crate) fn world(story: &Story, rng: &mut Rng) -> Vec<ImageId> {
    let common = story.snapshot();
    template(story);
    let count = rng.usize(2..9);
    let mut images = Vec::with_capacity(count);
    for number in 0..count {
        let mut snapshots: Vec<SnapshotId> = (0..rng.usize(1..3)).map(|_| story.snapshot()).collect();
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

/// A policy of stages that end so, whose waits are over for images that were staged ten days ago.
fn staged_policy(end: &str) -> String {
    let stages = format!("[{{ deprecate: {{ after: 1d }} }}, {{ disable: {{ after: 2d }} }}, {end}]");
    DEREGISTER.replace("[deregister]", &stages).replace("limits:", "protect: [{ tag: { hold: \"*\" } }]\nlimits:")
}

/// Brings some of the images to stages, as earlier runs would have, and holds some of those.
fn on_their_way(story: &Story, images: &[ImageId], stages: &[&str], rng: &mut Rng) {
    let since = story::now().plus_secs(-10 * story::DAY);
    for id in images {
        let stage = stages[rng.usize(..stages.len())];
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
        let is_disabled = matches!(stage, "disable" | "archive_snapshots");
        if is_disabled {
            tags.push(("amictl:shared", "210987654321 end".to_owned()));
        }
        story.change(id, |image| {
            image.tags = tags.into_iter().collect();
            image.deprecation_at = (stage != "marked").then_some(since);
            if is_disabled {
                image.state = ImageState::Disabled;
                image.permissions.clear();
            }
        });
        if stage == "archive_snapshots" {
            archive_own(story, id);
        }
    }
}

/// Holds some of the snapshots in the one way or the other.
fn hold_some(story: &Story, rng: &mut Rng) {
    let snapshots: Vec<SnapshotId> = {
        let world = story.sandbox.world();
        world.scope(account(), &region()).unwrap().snapshots().map(|snapshot| snapshot.id.clone()).collect()
    };
    for id in snapshots {
        match rng.u8(..12) {
            0 => story.lock(&id),
            1 => change_snapshot(&mut story.sandbox.world(), &id, |snapshot| {
                snapshot.more_mut().users.insert("333333333333".parse().unwrap());
            }),
            2 => change_snapshot(&mut story.sandbox.world(), &id, |snapshot| {
                snapshot.tags = [("hold", "yes")].into_iter().collect();
            }),
            _ => {}
        }
    }
}

/// Archives what this image alone uses and nothing holds, as an earlier run would have.
fn archive_own(story: &Story, image: &ImageId) {
    let own: Vec<SnapshotId> = {
        let world = story.sandbox.world();
        let scope = world.scope(account(), &region()).unwrap();
        let is_own = |snapshot: &&SnapshotId| scope.users_of(snapshot).iter().all(|user| user == image);
        let is_free = |id: &&SnapshotId| {
            scope.snapshots().any(|snapshot| snapshot.id == **id && snapshot.more.is_none() && snapshot.tags.is_empty())
        };
        scope.image(image).unwrap().snapshots().filter(is_own).filter(is_free).cloned().collect()
    };
    let archived_at = story::now().plus_secs(-9 * story::DAY);
    for id in own {
        change_snapshot(&mut story.sandbox.world(), &id, |snapshot| {
            snapshot.tier = StorageTier::Archive;
            let kind = TieringKind::Archive;
            let tiering = Tiering { kind, started_at: archived_at, done_at: archived_at, archived_at };
            snapshot.more_mut().tiering = Some(tiering);
        });
    }
}

pub(crate) fn change_snapshot(world: &mut World, id: &SnapshotId, change: impl FnOnce(&mut Snapshot)) {
    let scope = world.scope_mut(account(), &region());
    let mut changed = scope.snapshots().find(|snapshot| snapshot.id == *id).unwrap().clone();
    change(&mut changed);
    scope.put_snapshot(changed);
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
        versions: [(1, Arc::new(template_version(1, of_others())))].into(),
        hidden_for: None,
        tags: Tags::default(),
    });
}

/// Data with an image of somebody else.
fn of_others() -> TemplateData {
    TemplateData::of_image("ami-0fedcba9876543210", "t3.micro")
}

fn template_version(number: u64, data: TemplateData) -> TemplateVersion {
    TemplateVersion {
        number,
        description: None,
        created_at: story::now().plus_secs(-story::DAY),
        created_by: "arn:aws:iam::123456789012:user/other".into(),
        data,
    }
}

/// A new version of the account's launch template, which names this image.
pub(crate) fn name_in_template(world: &mut World, image: &ImageId) {
    add_version(world, TemplateData::of_image(image.as_str(), "t3.micro"));
}

/// The same with an image of somebody else and this snapshot beside it.
pub(crate) fn name_snapshot_in_template(world: &mut World, snapshot: &SnapshotId) {
    add_version(world, of_others().with_snapshot("/dev/sdf", snapshot.as_str()));
}

fn add_version(world: &mut World, data: TemplateData) {
    let scope = world.scope_mut(account(), &region());
    let mut template = scope.templates().next().unwrap().clone();
    template.latest_version += 1;
    let version = template_version(template.latest_version, data);
    template.versions.insert(template.latest_version, Arc::new(version));
    scope.put_template(template);
}
