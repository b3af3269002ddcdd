//! The sample world put together.

use amictl_model::{AccountId, Moment, Region};

use super::families::{EUROPE, MAIN, PACIFIC, SECOND_ACCOUNT};
use super::maker::{Maker, StartFrom};
use crate::World;
use crate::world::{InstanceState, RegionInfo};

/// The accounts of the sample world, the main one first.
pub const SAMPLE_ACCOUNTS: [&str; 2] = ["123456789012", "210987654321"];

/// The Regions of the sample world that are enabled, the main one first.
pub const SAMPLE_REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-2"];

/// The sample world as it is at this time: the same for the same time, and moving along with it.
#[must_use]
pub fn sample(now: Moment) -> World {
    let mut world = World::new(2026);
    let enabled = SAMPLE_REGIONS.iter().map(|name| RegionInfo::new(name, "opt-in-not-required"));
    world.set_regions(enabled.chain([RegionInfo::new("af-south-1", "not-opted-in")]).collect());
    let [main_account, second_account] = SAMPLE_ACCOUNTS.map(account);
    let [main, europe, pacific] = SAMPLE_REGIONS.map(region);
    main_region(&mut Maker { world: &mut world, account: main_account, region: main.clone(), now }, second_account);
    european_region(&mut Maker { world: &mut world, account: main_account, region: europe, now });
    pacific_region(&mut Maker { world: &mut world, account: main_account, region: pacific, now });
    other_account(&mut Maker { world: &mut world, account: second_account, region: main, now }, main_account);
    world
}

fn main_region(maker: &mut Maker<'_>, second_account: AccountId) {
    let [web, api, base, worker, ml, batch, gateway, checkout, search, bastion] = families(maker);
    maker.web_usage(&web);
    maker.api_usage(&api);
    maker.worker_usage(&worker);
    maker.ml_usage(&ml);
    maker.batch_usage(&batch);
    maker.base_usage(&base);
    maker.bastion_usage(&bastion, &gateway);
    maker.share(&base, second_account);
    maker.share(&gateway[8..9], second_account);
    maker.deprecate(&api[12..16], &web[10..13]);
    maker.disable(&checkout[5..8]);
    maker.disable(&api[24..25]);
    maker.protect(&[base[15].clone(), gateway[11].clone(), worker[18].clone(), batch[9].clone()]);
    maker.launched_lately(&search[3]);
    maker.managed_images();
    maker.sharing_a_snapshot();
    maker.orphaned_snapshots();
    maker.hostile();
    maker.bundle();
}

/// The families of the main Region, as many as it has.
fn families(maker: &mut Maker<'_>) -> [Vec<amictl_model::ImageId>; 10] {
    std::array::from_fn(|at| maker.family(&MAIN[at]))
}

fn european_region(maker: &mut Maker<'_>) {
    let web = maker.family(&EUROPE[0]);
    let api = maker.family(&EUROPE[1]);
    let worker = maker.family(&EUROPE[2]);
    let template = maker.template("web", &[web[3].as_str(), web[0].as_str()], 2);
    maker.group("web-eu", StartFrom::Template(template), 2, 3);
    maker.configuration("worker-eu", &worker[0], 9);
    maker.group("worker-eu", StartFrom::Configuration("worker-eu"), 1, 9);
    maker.instance(&api[0], 6, InstanceState::Running);
    maker.instance(&api[6], 200, InstanceState::Stopped);
    maker.orphaned_snapshots();
}

fn pacific_region(maker: &mut Maker<'_>) {
    let web = maker.family(&PACIFIC[0]);
    let portal = maker.family(&PACIFIC[1]);
    maker.instance(&web[0], 3, InstanceState::Running);
    maker.disable(&portal[4..6]);
}

fn other_account(maker: &mut Maker<'_>, main_account: AccountId) {
    let data = maker.family(&SECOND_ACCOUNT[0]);
    maker.family(&SECOND_ACCOUNT[1]);
    maker.instance(&data[0], 5, InstanceState::Running);
    maker.template("data-platform", &[data[4].as_str(), data[0].as_str()], 2);
    let shared = maker.world.scope(main_account, &maker.region).and_then(|scope| {
        scope.images().find(|image| image.is_launchable_by(maker.account)).map(|image| image.id.clone())
    });
    if let Some(image) = shared {
        maker.instance(&image, 50, InstanceState::Running);
    }
}

fn account(text: &str) -> AccountId {
    text.parse().expect("twelve digits are an account id")
}

fn region(text: &str) -> Region {
    text.parse().expect("a Region's name")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_is_enough_of_everything_and_it_is_the_same_each_time() {
        let now: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
        let world = sample(now);
        let count =
            |of: fn(&crate::world::Scope) -> usize| world.scopes().map(|(_, _, scope)| of(scope)).sum::<usize>();
        assert!(count(|scope| scope.images().len()) >= 200);
        assert!(count(|scope| scope.snapshots().len()) >= 300);
        assert!(count(|scope| scope.instances().len()) >= 15);
        assert!(count(|scope| scope.groups().len()) >= 7);
        let shown: Vec<String> = world.scopes().map(|(_, _, scope)| format!("{scope:?}")).collect();
        let again: Vec<String> = sample(now).scopes().map(|(_, _, scope)| format!("{scope:?}")).collect();
        assert_eq!(shown, again);
    }

    #[test]
    fn groups_have_the_instances_that_they_want() {
        let world = sample("2026-11-21T09:00:00Z".parse().unwrap());
        let mut names = BTreeSet::new();
        for (_, _, scope) in world.scopes() {
            for group in scope.groups() {
                assert_eq!(group.instances.len(), usize::try_from(group.desired).unwrap(), "{}", group.name);
                names.insert(group.name.clone());
            }
        }
        assert!(names.contains("batch-nightly") && names.contains("ml-fleet"));
    }
}
