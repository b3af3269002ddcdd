//! What uses the images of the main Region, in each of the ways that an image can be used.

use amictl_model::ImageId;
use compact_str::CompactString;

use super::maker::{Maker, StartFrom};
use crate::world::{GroupTemplate, InstanceState, MixedInstances, TemplateOverride};

fn at_version(template: &GroupTemplate, version: &str) -> GroupTemplate {
    GroupTemplate { version: Some(version.into()), ..template.clone() }
}

impl Maker<'_> {
    /// A template with many versions: one group follows the newest, one is pinned to an old one in the middle.
    pub(super) fn web_usage(&mut self, web: &[ImageId]) {
        let versions: Vec<&str> = [9, 7, 5, 3, 1, 0].map(|age| web[age].as_str()).into();
        let template = self.template("web", &versions, 5);
        self.group("web-prod", StartFrom::Template(at_version(&template, "$Latest")), 3, 3);
        self.group("web-canary", StartFrom::Template(at_version(&template, "2")), 1, 40);
        // Someone started it by hand, and nobody remembers.
        self.instance(&web[20], 400, InstanceState::Running);
    }

    /// A template that no group uses, and an old image that is started now and then.
    pub(super) fn api_usage(&mut self, api: &[ImageId]) {
        let template = self.template("api", &[api[2].as_str(), api[1].as_str(), api[0].as_str()], 3);
        self.group("api-prod", StartFrom::Template(at_version(&template, "$Default")), 2, 6);
        self.template("legacy-report", &[api[17].as_str()], 1);
        self.instance(&api[21], 4, InstanceState::Terminated);
    }

    /// Launch configurations, attached to a group and forgotten, and an instance that only a full listing shows.
    pub(super) fn worker_usage(&mut self, worker: &[ImageId]) {
        self.configuration("worker-2026-11", &worker[0], 9);
        self.configuration("worker-2025-02", &worker[15], 430);
        self.group("worker", StartFrom::Configuration("worker-2026-11"), 2, 9);
        if let Some(id) = self.instance(&worker[12], 120, InstanceState::Running) {
            self.tweak_instance(&id, |instance| instance.hidden_for = Some("eks.amazonaws.com".into()));
        }
    }

    /// A group with overrides that name an image and another template.
    pub(super) fn ml_usage(&mut self, ml: &[ImageId]) {
        let template = self.template("ml-train", &[ml[1].as_str(), ml[0].as_str()], 2);
        let large = self.template("ml-train-large", &[ml[6].as_str()], 1);
        let of_type = |instance_type: &str| TemplateOverride {
            instance_type: Some(CompactString::from(instance_type)),
            ..TemplateOverride::default()
        };
        let overrides = vec![
            of_type("g5.xlarge"),
            TemplateOverride { image: Some(ml[4].as_str().into()), ..of_type("g4dn.xlarge") },
            TemplateOverride { template: Some(at_version(&large, "1")), ..of_type("p4d.24xlarge") },
        ];
        let mixed = MixedInstances::new(at_version(&template, "$Latest"), overrides);
        self.group("ml-fleet", StartFrom::Mixed(mixed), 1, 12);
    }

    /// A group of size zero, which starts its instances at night.
    pub(super) fn batch_usage(&mut self, batch: &[ImageId]) {
        let template = self.template("batch-etl", &[batch[5].as_str(), batch[0].as_str()], 1);
        self.group("batch-nightly", StartFrom::Template(at_version(&template, "$Default")), 0, 200);
    }

    /// A template that names its image through a parameter.
    pub(super) fn base_usage(&mut self, base: &[ImageId]) {
        for image in [&base[5], &base[2]] {
            self.world.scope_mut(self.account, &self.region).put_parameter("/golden/base", image.as_str());
        }
        self.template("golden-base", &["resolve:ssm:/golden/base"], 1);
        self.template("golden-base-pinned", &["resolve:ssm:/golden/base:1"], 1);
    }

    /// Instances that run and instances that are stopped, of old images.
    pub(super) fn bastion_usage(&mut self, bastion: &[ImageId], gateway: &[ImageId]) {
        self.instance(&bastion[3], 300, InstanceState::Running);
        self.instance(&bastion[4], 650, InstanceState::Stopped);
        self.instance(&gateway[0], 2, InstanceState::Running);
        self.instance(&gateway[1], 20, InstanceState::Running);
    }
}
