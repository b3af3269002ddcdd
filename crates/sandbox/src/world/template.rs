//! Launch templates with all their versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_model::{Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::wire::Params;

/// A launch template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Template {
    /// `LaunchTemplateId`.
    pub id: CompactString,
    /// `LaunchTemplateName`.
    pub name: CompactString,
    /// `CreateTime`.
    pub created_at: Moment,
    /// `CreatedBy`.
    pub created_by: Box<str>,
    /// `DefaultVersionNumber`.
    pub default_version: u64,
    /// `LatestVersionNumber`: the highest number that was ever given.
    pub latest_version: u64,
    /// Versions by number.
    pub versions: BTreeMap<u64, Arc<TemplateVersion>>,
    /// `Operator.Principal` of a template that another service manages and that listings hide unless asked.
    pub hidden_for: Option<CompactString>,
    /// `Tags`.
    pub tags: Tags,
}

/// One version of a template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// `VersionNumber`.
    pub number: u64,
    /// `VersionDescription`.
    pub description: Option<Box<str>>,
    /// `CreateTime`.
    pub created_at: Moment,
    /// `CreatedBy`.
    pub created_by: Box<str>,
    /// `LaunchTemplateData`.
    pub data: TemplateData,
}

/// `LaunchTemplateData` as it was sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TemplateData(pub(crate) Params);

impl TemplateData {
    /// Data with an image (or `resolve:ssm:…`) and an instance type.
    #[must_use]
    pub fn of_image(image: &str, instance_type: &str) -> Self {
        let mut params = Params::default();
        for (name, value) in [("ImageId", image), ("InstanceType", instance_type)] {
            params.set(name, value);
        }
        Self(params)
    }

    /// The same with a snapshot mapped to this device.
    #[must_use]
    pub fn with_snapshot(mut self, device: &str, snapshot: &str) -> Self {
        let (mut ebs, mut mapping, mut mappings) = (Params::default(), Params::default(), Params::default());
        ebs.set("SnapshotId", snapshot);
        mapping.set("DeviceName", device);
        mapping.put("Ebs", ebs);
        mappings.put("1", mapping);
        self.0.put("BlockDeviceMapping", mappings);
        self
    }

    /// `ImageId`, as written.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        self.0.text("ImageId").filter(|image| !image.is_empty())
    }

    /// `BlockDeviceMappings[].Ebs.SnapshotId`, as written.
    #[must_use]
    pub fn snapshots(&self) -> Vec<String> {
        mapped_snapshots(&self.0, "BlockDeviceMapping")
    }

    /// `InstanceType`.
    #[must_use]
    pub fn instance_type(&self) -> Option<&str> {
        self.0.text("InstanceType").filter(|text| !text.is_empty())
    }
}

/// The snapshots that the block device mappings of this name say.
pub(super) fn mapped_snapshots(data: &Params, name: &str) -> Vec<String> {
    let mappings = data.structures(name).unwrap_or_default().into_iter();
    let snapshots = mappings.filter_map(|mapping| mapping.structure("Ebs")?.text("SnapshotId"));
    snapshots.filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

impl Template {
    /// The number that a version's name means: a number, `$Default` or `$Latest`.
    #[must_use]
    pub fn version_number(&self, name: &str) -> Option<u64> {
        match name {
            "$Default" => Some(self.default_version),
            "$Latest" => self.versions.last_key_value().map(|(number, _)| *number),
            number => number.parse().ok(),
        }
    }

    /// The version of this name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&Arc<TemplateVersion>> {
        self.versions.get(&self.version_number(name)?)
    }
}
