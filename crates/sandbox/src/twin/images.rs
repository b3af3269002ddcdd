//! Images and snapshots.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_model::{BlockDevice, DeregistrationProtection, Grantee, ImageId, Moment, RootDeviceType, ScopeInventory};
use compact_str::format_compact;

use super::Making;
use crate::world::{Image, ImageExtras, ImageTraits, Launches, MappedEbs, Mapping, Protection, Snapshot};

/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

impl Making<'_> {
    pub(super) fn images_and_snapshots(&mut self, scope: &ScopeInventory) {
        for snapshot in &scope.snapshots {
            let snapshot = self.snapshot(snapshot);
            self.world.scope_mut(self.account, self.region).put_snapshot(snapshot);
        }
        for image in &scope.images {
            let image = self.image(image);
            self.world.scope_mut(self.account, self.region).put_image(image);
        }
    }

    fn snapshot(&self, snapshot: &amictl_model::Snapshot) -> Snapshot {
        Snapshot {
            id: snapshot.id.clone(),
            owner: snapshot.owner,
            // What AWS shows for snapshots whose volume is unknown.
            volume: snapshot.volume.clone().unwrap_or_else(|| "vol-ffffffff".into()),
            size_gib: snapshot.size_gib,
            full_size_bytes: snapshot.full_size_bytes.unwrap_or(u64::from(snapshot.size_gib) * GIB),
            state: snapshot.state,
            tier: snapshot.tier,
            encrypted: snapshot.encrypted,
            kms_key: snapshot.encrypted.then(|| self.key()),
            started_at: snapshot.started_at.unwrap_or(self.scanned_at),
            description: snapshot.description.clone(),
            tags: snapshot.tags.clone(),
            more: None,
        }
    }

    pub(super) fn image(&self, image: &amictl_model::Image) -> Image {
        let is_ebs = image.root_device_type != RootDeviceType::InstanceStore;
        let root = image.block_devices.first().filter(|_| is_ebs).map(|device| device.device_name.as_ref().into());
        let mut traits = ImageTraits { root_device_name: root, ..ImageTraits::default() };
        traits.root_device_type = image.root_device_type;
        if !image.architecture.is_empty() {
            traits.architecture = image.architecture.clone();
        }
        if image.platform_details.is_windows() == Some(true) {
            traits.platform = Some("windows".into());
        }
        let follows = if traits.platform.is_some() { "Windows" } else { "Linux/UNIX" };
        let details = image.platform_details.known().filter(|details| *details != follows);
        let extras = details
            .map(|details| Box::new(ImageExtras { platform_details: Some(details.into()), ..ImageExtras::default() }));
        let public = image.public.then(|| Grantee::Group("all".into()));
        let known = image.launch_permissions.known().unwrap_or_default().iter().cloned();
        Image {
            id: image.id.clone(),
            owner: image.owner,
            name: Arc::clone(&image.name),
            description: image.description.clone(),
            location: image.location.clone(),
            state: image.state,
            created_at: image.created_at.unwrap_or(self.scanned_at),
            deprecation_at: image.deprecation_at,
            launches: image.last_launched_at.map(Launches::reported).unwrap_or_default(),
            protection: protection(&image.protection),
            mappings: image.block_devices.iter().enumerate().map(|(at, device)| self.mapping(at, device)).collect(),
            tags: image.tags.clone(),
            permissions: known.chain(public).collect(),
            source_image: image.source_image.as_ref().and_then(|id| id.parse().ok()),
            source_region: None,
            source_instance: None,
            traits: Arc::new(traits),
            extras,
        }
    }

    fn mapping(&self, at: usize, device: &BlockDevice) -> Mapping {
        let is_ebs = device.snapshot.is_some() || device.size_gib.is_some();
        let ebs = is_ebs.then(|| MappedEbs {
            snapshot: device.snapshot.clone(),
            size_gib: device.size_gib,
            volume_type: Some("gp3".into()),
            encrypted: device.encrypted,
            delete_on_termination: Some(true),
            ..MappedEbs::default()
        });
        Mapping {
            device_name: device.device_name.as_ref().into(),
            virtual_name: (!is_ebs).then(|| format_compact!("ephemeral{}", at.saturating_sub(1))),
            ebs,
            ..Mapping::default()
        }
    }

    /// An image that only a reference tells of, as far as an instance of it needs one.
    pub(super) fn unknown_image(&self, id: &ImageId) -> Image {
        Image {
            id: id.clone(),
            owner: self.account,
            name: "".into(),
            description: None,
            location: None,
            state: amictl_model::ImageState::Available,
            created_at: self.scanned_at,
            deprecation_at: None,
            launches: Launches::default(),
            protection: Protection::default(),
            mappings: Box::default(),
            tags: amictl_model::Tags::default(),
            permissions: BTreeSet::new(),
            source_image: None,
            source_region: None,
            source_instance: None,
            traits: Arc::default(),
            extras: None,
        }
    }

    /// The key of everything that is encrypted: AWS's own for EBS.
    fn key(&self) -> Box<str> {
        let key = "00000000-0000-4000-8000-000000000000";
        format!("arn:aws:kms:{}:{}:key/{key}", self.region, self.account).into()
    }
}

/// Protection whose text cannot be read is protection.
fn protection(protection: &DeregistrationProtection) -> Protection {
    match protection {
        DeregistrationProtection::Disabled => Protection::Disabled,
        DeregistrationProtection::Enabled => Protection::Enabled,
        DeregistrationProtection::EnabledWithCooldown => Protection::EnabledWithCooldown,
        DeregistrationProtection::Other(text) => text
            .strip_prefix("disabled after ")
            .and_then(|until| until.parse::<Moment>().ok())
            .map_or(Protection::Enabled, Protection::CoolingDown),
    }
}
