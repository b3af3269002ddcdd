//! What to generate: `images=100000,accounts=3,regions=2,…`.

use amictl_model::{AccountId, Moment, Region};

use crate::setup::SettingsError;
use crate::setup::settings::{read, value};
use crate::world::RegionInfo;

/// What to generate; the numbers are of the whole world.
#[derive(Debug, Clone)]
pub struct Generate {
    /// The first account.
    pub account: AccountId,
    /// The first Region.
    pub region: Region,
    /// Accounts, from 1 on.
    pub accounts: usize,
    /// Regions, from 1 on.
    pub regions: usize,
    /// Images.
    pub images: usize,
    /// Snapshots of each image.
    pub snapshots_per_image: usize,
    /// Images of each family, one after another.
    pub family_size: usize,
    /// Instances, each of another image.
    pub instances: usize,
    /// Launch templates.
    pub templates: usize,
    /// Versions of each template, each of another image.
    pub versions: usize,
    /// Auto Scaling groups of size zero, each of a template.
    pub groups: usize,
    /// Images that are shared with another account.
    pub shared: usize,
    /// The time that everything is counted back from.
    pub now: Moment,
    /// What ids look like.
    pub seed: u64,
}

const NAMES: &[&str] = &[
    "images",
    "accounts",
    "regions",
    "snapshots-per-image",
    "family-size",
    "instances",
    "templates",
    "versions",
    "groups",
    "shared",
    "seed",
];

/// More of anything does not fit into a computer.
const COUNT_MAX: usize = 50_000_000;
const ACCOUNTS_MAX: usize = 10_000;

impl Generate {
    /// So many images with two snapshots each in one account and Region, and a hundredth of that in instances and templates.
    ///
    /// # Panics
    /// Never: the default account and Region are well-formed.
    #[must_use]
    pub fn images(images: usize, now: Moment) -> Self {
        Self {
            account: crate::DEFAULT_ACCOUNT.parse().expect("twelve digits are an account id"),
            region: "us-east-1".parse().expect("a Region's name"),
            accounts: 1,
            regions: 1,
            images,
            snapshots_per_image: 2,
            family_size: 50,
            instances: images / 100,
            templates: images / 100,
            versions: 1,
            groups: 0,
            shared: 0,
            now,
            seed: 1,
        }
    }

    /// Reads `images=N` and, in any order, `accounts`, `regions`, `snapshots-per-image`, `family-size`, `instances`,
    /// `templates`, `versions` (of each template), `groups`, `shared` (images) and `seed`.
    ///
    /// # Errors
    /// When a setting is not known, set twice or out of its bounds.
    pub fn parse(text: &str, now: Moment) -> Result<Self, SettingsError> {
        let mut images = None;
        read(text, NAMES, |name, text| {
            if name == "images" {
                images = Some(value(name, text, 0..=COUNT_MAX)?);
            }
            Ok(())
        })?;
        let images = images.ok_or_else(|| SettingsError::new("`images=NUMBER` is missing"))?;
        let mut request = Self::images(images, now);
        read(text, NAMES, |name, text| {
            let count = |most| value(name, text, 0..=most);
            match name {
                "accounts" => request.accounts = value(name, text, 1..=ACCOUNTS_MAX)?,
                "regions" => request.regions = value(name, text, 1..=region_infos().len())?,
                "snapshots-per-image" => request.snapshots_per_image = count(26)?,
                "family-size" => request.family_size = value(name, text, 1..=COUNT_MAX)?,
                "instances" => request.instances = count(COUNT_MAX)?,
                "templates" => request.templates = count(COUNT_MAX)?,
                "versions" => request.versions = value(name, text, 1..=10_000)?,
                "groups" => request.groups = count(COUNT_MAX)?,
                "shared" => request.shared = count(images)?,
                "seed" => request.seed = value(name, text, 0..=u64::MAX)?,
                _ => {}
            }
            Ok(())
        })?;
        if request.groups > 0 && request.templates == 0 {
            return Err(SettingsError::new("groups need templates: set `templates`"));
        }
        Ok(request)
    }

    /// The accounts: the first one, and others counted up from 111100000001.
    pub(super) fn account_ids(&self) -> Vec<AccountId> {
        let others = (1_u64..).filter_map(|number| format!("{:012}", 111_100_000_000 + number).parse().ok());
        std::iter::once(self.account).chain(others).take(self.accounts.max(1)).collect()
    }

    /// The Regions: the first one, then those that every account has, then those that want to be opted in to.
    pub(super) fn region_names(&self) -> Vec<Region> {
        let others = region_infos().into_iter().map(|info| info.region).filter(|region| *region != self.region);
        std::iter::once(self.region.clone()).chain(others).take(self.regions.max(1)).collect()
    }
}

fn region_infos() -> Vec<RegionInfo> {
    crate::World::new(0).regions().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_and_mistakes_told() {
        let now = Moment::from_secs(1_800_000_000);
        let request = Generate::parse("images=1000,accounts=3,regions=2,shared=10,seed=9", now).unwrap();
        assert_eq!((request.images, request.instances, request.accounts, request.seed), (1000, 10, 3, 9));
        assert_eq!(request.account_ids().len(), 3);
        assert_eq!(request.region_names().len(), 2);
        for (text, expected) in [
            ("accounts=3", "`images=NUMBER` is missing"),
            ("images=many", "images: `many` is not a number from 0 to 50000000"),
            ("images=1,regions=99", "regions: `99` is not a number from 1 to 21"),
            ("images=1,colour=red", "`colour=red`: there is no such setting; known are images, accounts, regions, "),
            ("images=10,shared=11", "shared: `11` is not a number from 0 to 10"),
            ("images=10,groups=1", "groups need templates: set `templates`"),
        ] {
            let error = Generate::parse(text, now).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
