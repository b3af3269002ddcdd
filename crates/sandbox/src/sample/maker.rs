//! Making things in one account and Region of the sample world, at times counted back from now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amictl_model::{AccountId, ImageId, ImageState, Moment, Region, SnapshotId, SnapshotState, StorageTier, Tags};
use compact_str::CompactString;

use crate::World;
use crate::ops::Ctx;
use crate::ops::groups::group_scaling::scale;
use crate::ops::instances::launch::{Launch, launch, terminate};
use crate::world::{
    Group, GroupTemplate, Image, ImageTraits, Instance, InstanceState, LaunchConfiguration, Launches, MappedEbs,
    Mapping, MixedInstances, Protection, Snapshot, Template, TemplateData, TemplateVersion,
};

pub(super) const DAY_SECS: i64 = 86_400;

/// One account in one Region of a world in the making.
pub(super) struct Maker<'a> {
    pub(super) world: &'a mut World,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) now: Moment,
}

/// An image to make.
#[derive(Default)]
pub(super) struct NewImage<'a> {
    pub(super) name: String,
    pub(super) age_days: i64,
    /// GiB of each device, the root first.
    pub(super) sizes: &'a [u32],
    pub(super) tags: Vec<(String, String)>,
    pub(super) description: Option<String>,
    /// Days since it was launched last.
    pub(super) launched: Option<i64>,
    pub(super) architecture: Option<&'a str>,
}

/// What a group starts its instances from.
pub(super) enum StartFrom {
    Template(GroupTemplate),
    Configuration(&'static str),
    Mixed(MixedInstances),
}

impl Maker<'_> {
    /// The moment so many days ago, at an hour that depends on the day.
    pub(super) fn ago(&self, days: i64) -> Moment {
        self.now.plus_secs(-days * DAY_SECS - days.rem_euclid(7) * 3517 - 600)
    }

    fn ctx(&self, days_ago: i64) -> Ctx {
        Ctx::at(self.account, self.region.clone(), self.ago(days_ago))
    }

    /// Makes an image with a snapshot for each of its devices.
    pub(super) fn image(&mut self, new: NewImage<'_>) -> ImageId {
        let id = self.world.new_image_id();
        let created_at = self.ago(new.age_days);
        let tags: Tags = new.tags.into_iter().collect();
        let devices = ["/dev/xvda", "/dev/sdf", "/dev/sdg"];
        let mut mappings = Vec::new();
        for (device_name, size) in devices.iter().zip(new.sizes) {
            let description = format!("Created by CreateImage for {id}");
            let snapshot = self.snapshot(*size, new.age_days, &description, tags.clone());
            mappings.push(mapping(device_name, snapshot, *size));
        }
        let traits =
            ImageTraits { architecture: new.architecture.unwrap_or("x86_64").into(), ..ImageTraits::default() };
        let launches = new.launched.map(|days| Launches::reported(self.ago(days))).unwrap_or_default();
        let image = Image {
            id: id.clone(),
            owner: self.account,
            name: new.name.into(),
            description: new.description.map(Into::into),
            location: None,
            state: ImageState::Available,
            created_at,
            deprecation_at: None,
            launches,
            protection: Protection::default(),
            mappings: mappings.into(),
            tags,
            permissions: BTreeSet::new(),
            source_image: None,
            source_region: None,
            source_instance: None,
            traits: Arc::new(traits),
        };
        self.world.scope_mut(self.account, &self.region).put_image(image);
        id
    }

    /// Makes a snapshot.
    pub(super) fn snapshot(&mut self, size_gib: u32, age_days: i64, description: &str, tags: Tags) -> SnapshotId {
        let id = self.world.new_snapshot_id();
        let volume = self.world.new_id("vol-");
        let started_at = self.ago(age_days);
        // Between a quarter and three quarters full.
        let full = u64::from(size_gib) * (1 << 28) * (1 + self.world.new_number() % 3);
        self.world.scope_mut(self.account, &self.region).put_snapshot(Snapshot {
            id: id.clone(),
            owner: self.account,
            volume,
            size_gib,
            full_size_bytes: full,
            state: SnapshotState::Completed,
            tier: StorageTier::Standard,
            encrypted: false,
            kms_key: None,
            started_at,
            description: Some(description.into()),
            tags,
        });
        id
    }

    /// Changes an image, its block devices excepted.
    pub(super) fn tweak(&mut self, id: &ImageId, change: impl FnOnce(&mut Image)) {
        if let Some(image) = self.world.scope_mut(self.account, &self.region).image_mut(id) {
            change(image);
        }
    }

    /// Starts an instance of an image that this account may launch; it was started so many days ago.
    pub(super) fn instance(&mut self, image: &ImageId, days_ago: i64, state: InstanceState) -> Option<CompactString> {
        let image = Arc::clone(self.world.find_image(&self.region, image)?);
        let ctx = self.ctx(days_ago);
        let what = Launch { instance_type: "m6i.large".into(), count: 1, ..Launch::default() };
        let id = launch(self.world, &ctx, &image, &what).first()?.id.clone();
        match state {
            InstanceState::Running => {}
            InstanceState::Stopped => self.tweak_instance(&id, |instance| instance.state = state),
            InstanceState::Terminated => terminate(self.world, &ctx, &id),
        }
        Some(id)
    }

    /// Changes an instance.
    pub(super) fn tweak_instance(&mut self, id: &CompactString, change: impl FnOnce(&mut Instance)) {
        if let Some(instance) = self.world.scope_mut(self.account, &self.region).instances.get_mut(id) {
            change(Arc::make_mut(instance));
        }
    }

    /// Makes a launch template with a version of each image (or `resolve:ssm:…`), and the number of its default version.
    pub(super) fn template(&mut self, name: &str, images: &[&str], default_version: u64) -> GroupTemplate {
        let id = self.world.new_id("lt-");
        let created_by: Box<str> = format!("arn:aws:iam::{}:user/deploy", self.account).into();
        let newest = i64::try_from(images.len()).unwrap_or(1);
        let versions: BTreeMap<u64, Arc<TemplateVersion>> = (1..)
            .zip(images)
            .map(|(number, image)| {
                let days_ago = (newest - i64::try_from(number).unwrap_or(0)) * 11 + 1;
                let version = TemplateVersion {
                    number,
                    description: Some(format!("release {number}").into()),
                    created_at: self.ago(days_ago),
                    created_by: created_by.clone(),
                    data: TemplateData::of_image(image, "m6i.large"),
                };
                (number, Arc::new(version))
            })
            .collect();
        let template = Template {
            id: id.clone(),
            name: name.into(),
            created_at: self.ago(newest * 11 + 30),
            created_by,
            default_version,
            latest_version: u64::try_from(images.len()).unwrap_or(1),
            versions,
            hidden_for: None,
            tags: [("app", name)].into_iter().collect(),
        };
        self.world.scope_mut(self.account, &self.region).put_template(template);
        GroupTemplate { id, name: name.into(), version: None }
    }

    /// Makes a launch configuration.
    pub(super) fn configuration(&mut self, name: &str, image: &ImageId, days_ago: i64) {
        let configuration = LaunchConfiguration::of_image(name, image.as_str(), "m5.large", self.ago(days_ago));
        self.world.scope_mut(self.account, &self.region).put_launch_configuration(configuration);
    }

    /// Makes an Auto Scaling group and starts its instances.
    pub(super) fn group(&mut self, name: &str, from: StartFrom, desired: u32, days_ago: i64) {
        let (launch_configuration, template, mixed) = match from {
            StartFrom::Template(template) => (None, Some(template), None),
            StartFrom::Configuration(name) => (Some(name.into()), None, None),
            StartFrom::Mixed(mixed) => (None, None, Some(mixed)),
        };
        let name = CompactString::from(name);
        let group = Group {
            name: name.clone(),
            launch_configuration,
            template,
            mixed,
            min_size: 0,
            max_size: desired.max(1) * 2,
            desired,
            zones: vec![format!("{}a", self.region).into(), format!("{}b", self.region).into()],
            subnets: None,
            health_check_type: "EC2".into(),
            health_check_grace_secs: 300,
            cooldown_secs: 300,
            created_at: self.ago(days_ago),
            instances: Vec::new(),
            tags: [("app", name.as_str())].into_iter().collect(),
            propagated: vec!["app".into()],
        };
        self.world.scope_mut(self.account, &self.region).put_group(group);
        let ctx = self.ctx(days_ago.min(5));
        scale(self.world, &ctx, &name);
    }
}

/// A device of an image.
pub(super) fn mapping(device_name: &str, snapshot: SnapshotId, size_gib: u32) -> Mapping {
    Mapping {
        device_name: device_name.into(),
        ebs: Some(MappedEbs {
            snapshot: Some(snapshot),
            size_gib: Some(size_gib),
            volume_type: Some("gp3".into()),
            delete_on_termination: Some(true),
            ..MappedEbs::default()
        }),
        ..Mapping::default()
    }
}
