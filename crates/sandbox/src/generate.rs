//! Large worlds for benches: many images, their snapshots, and some that use them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amictl_model::{AccountId, ImageId, ImageState, Moment, Region, SnapshotState, StorageTier, Tags};
use compact_str::{CompactString, format_compact};

use crate::World;
use crate::ops::Ctx;
use crate::ops::instances::launch::{Launch, launch};
use crate::world::{
    Image, ImageTraits, Launches, MappedEbs, Mapping, Protection, Snapshot, Template, TemplateData, TemplateVersion,
};

/// What to generate, in one account and Region.
#[derive(Debug, Clone)]
pub struct Generate {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// Images.
    pub images: usize,
    /// Snapshots of each image.
    pub snapshots_per_image: usize,
    /// Images of one family.
    pub family_size: usize,
    /// Instances, each of another image as far as there are any.
    pub instances: usize,
    /// Launch templates with one version each.
    pub templates: usize,
    /// The time that everything is older than.
    pub now: Moment,
    /// What ids look like.
    pub seed: u64,
}

impl Generate {
    /// So many images with two snapshots each, and a hundredth of that in instances and templates.
    ///
    /// # Panics
    /// Never: the default account and Region are well-formed.
    #[must_use]
    pub fn images(images: usize, now: Moment) -> Self {
        Self {
            account: crate::DEFAULT_ACCOUNT.parse().expect("twelve digits are an account id"),
            region: "us-east-1".parse().expect("a Region's name"),
            images,
            snapshots_per_image: 2,
            family_size: 50,
            instances: images / 100,
            templates: images / 100,
            now,
            seed: 1,
        }
    }
}

/// A world of this size, the same for the same request.
#[must_use]
pub fn generate(request: &Generate) -> World {
    let mut world = World::new(request.seed);
    let shared = Shared::new();
    let ids: Vec<ImageId> = (0..request.images).map(|number| image(&mut world, request, &shared, number)).collect();
    if ids.is_empty() {
        return world;
    }
    let ctx = Ctx::at(request.account, request.region.clone(), request.now.plus_secs(-30 * 86_400));
    let one = Launch { instance_type: "m6i.large".into(), count: 1, ..Launch::default() };
    for number in 0..request.instances {
        let id = &ids[spread(number, ids.len())];
        if let Some(image) = world.find_image(&request.region, id).map(Arc::clone) {
            launch(&mut world, &ctx, &image, &one);
        }
    }
    for number in 0..request.templates {
        let id = &ids[spread(number.wrapping_add(7), ids.len())];
        template(&mut world, request, number, id);
    }
    world
}

/// A number out of so many, spread evenly.
fn spread(number: usize, among: usize) -> usize {
    number.wrapping_mul(97) % among
}

/// What all images have in common.
struct Shared {
    traits: Arc<ImageTraits>,
    devices: [CompactString; 4],
    gp3: CompactString,
    keys: [Arc<str>; 2],
}

impl Shared {
    fn new() -> Self {
        Self {
            traits: Arc::new(ImageTraits::default()),
            devices: ["/dev/xvda", "/dev/sdf", "/dev/sdg", "/dev/sdh"].map(CompactString::from),
            gp3: "gp3".into(),
            keys: ["app".into(), "env".into()],
        }
    }
}

fn image(world: &mut World, request: &Generate, shared: &Shared, number: usize) -> ImageId {
    let id = world.new_image_id();
    let family = number / request.family_size.max(1);
    // One image every 90 minutes back from now, so that a hundred thousand reach back some 17 years.
    let created_at = request.now.plus_secs(-5400 * i64::try_from(number).unwrap_or(0));
    let mut mappings = Vec::with_capacity(request.snapshots_per_image);
    for device in 0..request.snapshots_per_image {
        let snapshot = world.new_snapshot_id();
        mappings.push(Mapping {
            device_name: shared.devices[device % shared.devices.len()].clone(),
            ebs: Some(MappedEbs {
                snapshot: Some(snapshot.clone()),
                size_gib: Some(8),
                volume_type: Some(shared.gp3.clone()),
                delete_on_termination: Some(true),
                ..MappedEbs::default()
            }),
            ..Mapping::default()
        });
        world.scope_mut(request.account, &request.region).put_snapshot(Snapshot {
            id: snapshot,
            owner: request.account,
            volume: "vol-ffffffff".into(),
            size_gib: 8,
            full_size_bytes: 3 << 30,
            state: SnapshotState::Completed,
            tier: StorageTier::Standard,
            encrypted: false,
            kms_key: None,
            started_at: created_at,
            description: None,
            tags: Tags::default(),
        });
    }
    let [app, env] = &shared.keys;
    let tags: Tags =
        [(Arc::clone(app), format_compact!("app-{family:05}")), (Arc::clone(env), "prod".into())].into_iter().collect();
    world.scope_mut(request.account, &request.region).put_image(Image {
        id: id.clone(),
        owner: request.account,
        name: format!("app-{family:05}-{number:07}").into(),
        description: None,
        location: None,
        state: ImageState::Available,
        created_at,
        deprecation_at: None,
        launches: Launches::default(),
        protection: Protection::default(),
        mappings: mappings.into(),
        tags,
        permissions: BTreeSet::new(),
        source_image: None,
        source_region: None,
        source_instance: None,
        traits: Arc::clone(&shared.traits),
    });
    id
}

fn template(world: &mut World, request: &Generate, number: usize, image: &ImageId) {
    let created_by: Box<str> = format!("arn:aws:iam::{}:user/sandbox", request.account).into();
    let version = TemplateVersion {
        number: 1,
        description: None,
        created_at: request.now,
        created_by: created_by.clone(),
        data: TemplateData::of_image(image.as_str(), "m6i.large"),
    };
    let template = Template {
        id: world.new_id("lt-"),
        name: format_compact!("template-{number:06}"),
        created_at: request.now,
        created_by,
        default_version: 1,
        latest_version: 1,
        versions: BTreeMap::from([(1, Arc::new(version))]),
        hidden_for: None,
        tags: Tags::default(),
    };
    world.scope_mut(request.account, &request.region).put_template(template);
}
