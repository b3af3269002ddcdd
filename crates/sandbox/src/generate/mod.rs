//! Large worlds for benches and rehearsals: many images, their snapshots, and some that use them.

mod images;
mod request;
mod users;

use amictl_model::{AccountId, ImageId, Region};

use self::images::Shared;
pub use self::request::Generate;
use crate::World;
use crate::world::RegionInfo;

/// One account in one Region, with what was made there so far.
struct Place {
    account: AccountId,
    region: Region,
    images: Vec<ImageId>,
    templates: Vec<compact_str::CompactString>,
}

/// A world of this size, the same for the same request.
#[must_use]
pub fn generate(request: &Generate) -> World {
    let mut world = World::new(request.seed);
    let regions = request.region_names();
    enable(&mut world, &regions);
    let accounts = request.account_ids();
    let mut places: Vec<Place> = regions
        .iter()
        .flat_map(|region| {
            let place = |account: &AccountId| Place {
                account: *account,
                region: region.clone(),
                images: Vec::new(),
                templates: Vec::new(),
            };
            accounts.iter().map(place)
        })
        .collect();
    let shared = Shared::new();
    let place_count = places.len();
    for number in 0..request.images {
        // A family stays together.
        let family = number / request.family_size.max(1);
        images::make(&mut world, request, &shared, &mut places[family % place_count], number);
    }
    places.retain(|place| !place.images.is_empty());
    if !places.is_empty() {
        images::share(&mut world, request, &places, &accounts);
        users::make(&mut world, request, &mut places);
    }
    world.raise_limits();
    world
}

/// Has the Regions answer that the world is to be in.
fn enable(world: &mut World, regions: &[Region]) {
    let mut infos = world.regions().to_vec();
    for info in infos.iter_mut().filter(|info| !info.is_enabled() && regions.contains(&info.region)) {
        *info = RegionInfo::new(info.region.as_str(), "opted-in");
    }
    world.set_regions(infos);
}

/// A number out of so many, spread evenly.
fn spread(number: usize, among: usize) -> usize {
    number.wrapping_mul(97) % among
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Scope;

    #[test]
    fn there_is_what_was_asked_for() {
        let text = "images=1000,accounts=3,regions=2,snapshots-per-image=3,instances=40,templates=20,versions=4,groups=10,\
                    shared=30,family-size=10";
        let request = Generate::parse(text, "2026-11-21T09:00:00Z".parse().unwrap()).unwrap();
        let world = generate(&request);
        let count = |of: fn(&Scope) -> usize| world.scopes().map(|(_, _, scope)| of(scope)).sum::<usize>();
        assert_eq!(world.scopes().count(), 6);
        assert_eq!(count(|scope| scope.images().len()), 1000);
        assert_eq!(count(|scope| scope.snapshots().len()), 3000);
        assert_eq!(count(|scope| scope.instances().len()), 40);
        assert_eq!(count(|scope| scope.templates().len()), 20);
        assert_eq!(count(|scope| scope.templates().map(|template| template.versions.len()).sum()), 80);
        assert_eq!(count(|scope| scope.groups().len()), 10);
        assert_eq!(count(|scope| scope.images().filter(|image| !image.permissions.is_empty()).count()), 30);
        assert!(world.scopes().all(|(_, _, scope)| scope.images().len() > 100));
        assert!(format!("{world:?}") == format!("{:?}", generate(&request)));
    }
}
