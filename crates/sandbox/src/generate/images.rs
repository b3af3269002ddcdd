//! Images with their snapshots.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_model::{AccountId, Grantee, ImageId, ImageState, Moment, SnapshotState, StorageTier, Tags};
use compact_str::{CompactString, format_compact};

use super::{Generate, Place, spread};
use crate::World;
use crate::world::{Image, ImageTraits, Launches, MappedEbs, Mapping, Protection, Snapshot};

/// What all images have in common.
pub(super) struct Shared {
    traits: Arc<ImageTraits>,
    devices: Vec<CompactString>,
    gp3: CompactString,
    keys: [Arc<str>; 2],
}

impl Shared {
    pub(super) fn new() -> Self {
        let others = ('f'..='z').chain('a'..='e').map(|letter| format_compact!("/dev/sd{letter}"));
        Self {
            traits: Arc::new(ImageTraits::default()),
            devices: std::iter::once("/dev/xvda".into()).chain(others).collect(),
            gp3: "gp3".into(),
            keys: ["app".into(), "env".into()],
        }
    }
}

/// The longest time between the creation of two images: a hundred thousand of them reach back some 17 years.
const STEP_SECS_MAX: i64 = 5400;
const REACH_SECS: i64 = STEP_SECS_MAX * 100_000;

fn created_at(request: &Generate, number: usize) -> Moment {
    let images = i64::try_from(request.images.max(1)).unwrap_or(i64::MAX);
    let step = (REACH_SECS / images).clamp(1, STEP_SECS_MAX);
    request.now.plus_secs(-step * i64::try_from(number).unwrap_or(0))
}

/// Makes the image of this number.
pub(super) fn make(world: &mut World, request: &Generate, shared: &Shared, place: &mut Place, number: usize) {
    let id = world.new_image_id();
    let family = number / request.family_size.max(1);
    let created_at = created_at(request, number);
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
        world.scope_mut(place.account, &place.region).put_snapshot(Snapshot {
            id: snapshot,
            owner: place.account,
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
            more: None,
        });
    }
    let [app, env] = &shared.keys;
    let tags: Tags =
        [(Arc::clone(app), format_compact!("app-{family:05}")), (Arc::clone(env), "prod".into())].into_iter().collect();
    world.scope_mut(place.account, &place.region).put_image(Image {
        id: id.clone(),
        owner: place.account,
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
        extras: None,
    });
    place.images.push(id);
}

/// Shares images, each with the next account, or with one that the world does not know.
pub(super) fn share(world: &mut World, request: &Generate, places: &[Place], accounts: &[AccountId]) {
    let stranger = "999999999999".parse().ok();
    let all: usize = places.iter().map(|place| place.images.len()).sum();
    let shared = request.shared.min(all);
    // Round and round over the places, so that each has its part.
    let ids = (0..).flat_map(|turn| places.iter().filter_map(move |place| Some((place, place.images.get(turn)?))));
    for (place, id) in ids.take(shared) {
        let at = accounts.iter().position(|account| *account == place.account).unwrap_or(0);
        let with = if accounts.len() > 1 { Some(accounts[(at + 1) % accounts.len()]) } else { stranger };
        if let Some(image) = world.scope_mut(place.account, &place.region).image_mut(id) {
            image.permissions.extend(with.map(Grantee::Account));
        }
    }
}

/// The image of this number among those of a place, spread evenly.
pub(super) fn pick(place: &Place, number: usize) -> &ImageId {
    &place.images[spread(number, place.images.len())]
}
