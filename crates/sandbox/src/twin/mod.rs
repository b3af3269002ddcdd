//! The twin of a real account: an inventory turned back into a world in which a scan sees the same.
//!
//! What an inventory does not know is filled in: every image is an x86-64 one of virtualization type `hvm` unless it says
//! otherwise, volumes are `gp3`, encrypted ones under one key, instances are `m6i.large` in the Region's first zone with
//! volumes of their image's devices, launch permissions that were not read are none, and versions of launch templates that
//! name no image are there only as far as they tell how old the others are. Instances between two states are in the one that
//! they came from. What too little is known of to make it again, such as a fleet, a recipe or a compute environment, is a
//! parameter that holds the image's id, so that what is used in the account is used in the twin. A source that could not be
//! read is denied in the twin, too.

mod denied;
mod groups;
mod images;
mod instances;
mod parameters;
mod templates;

use amictl_model::{AccountId, Inventory, Moment, Reference, Region, ScopeInventory};

use crate::world::RegionInfo;
use crate::{FaultRule, World};

/// A world with the rules that keep from being read what could not be read in the account.
#[derive(Debug)]
pub struct Twin {
    /// The world.
    pub world: World,
    /// What cannot be read.
    pub faults: Vec<FaultRule>,
}

/// One account in one Region of a twin in the making.
struct Making<'a> {
    world: &'a mut World,
    account: AccountId,
    region: &'a Region,
    /// When the scan was: the age of whatever has none.
    scanned_at: Moment,
    references: &'a [Reference],
}

/// Turns an inventory into a world; new ids are of this seed.
#[must_use]
pub fn twin(inventory: &Inventory, seed: u64) -> Twin {
    let mut world = World::new(seed);
    enable(&mut world, inventory);
    let mut faults = Vec::new();
    for scope in &inventory.scopes {
        let mut making = Making {
            world: &mut world,
            account: scope.scope.account,
            region: &scope.scope.region,
            scanned_at: inventory.created_at,
            references: &scope.references,
        };
        // Instances first: what is started from an image that is in the world leaves its trace on it.
        making.instances(scope);
        making.images_and_snapshots(scope);
        making.launch_configurations();
        making.parameters();
        making.stand_ins();
        let mut templates = making.templates();
        making.groups(&mut templates);
        faults.extend(denied::rules(scope));
    }
    world.raise_limits();
    Twin { world, faults }
}

/// Has the Regions answer that were scanned, whether the account had to opt in to them or not.
fn enable(world: &mut World, inventory: &Inventory) {
    let mut infos = world.regions().to_vec();
    for ScopeInventory { scope, .. } in &inventory.scopes {
        match infos.iter_mut().find(|info| info.region == scope.region) {
            Some(info) if info.is_enabled() => {}
            Some(info) => *info = RegionInfo::new(scope.region.as_str(), "opted-in"),
            None => infos.push(RegionInfo::new(scope.region.as_str(), "opted-in")),
        }
    }
    infos.sort_by(|a, b| a.region.cmp(&b.region));
    world.set_regions(infos);
}
