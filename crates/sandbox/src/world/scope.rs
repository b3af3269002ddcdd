//! Everything of one account in one Region.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amictl_model::{ImageId, SnapshotId};
use compact_str::CompactString;

use super::{Group, Image, Instance, LaunchConfiguration, Parameter, Shelf, Snapshot, Template, Volume};

/// Resources of one account in one Region, ordered by id or name, so that a page costs what is on it.
#[derive(Debug, Default)]
pub struct Scope {
    /// Images.
    pub(crate) images: Shelf<ImageId, Arc<Image>>,
    /// The ids of images that were deregistered.
    pub(crate) deregistered: BTreeSet<ImageId>,
    /// Snapshots.
    pub(crate) snapshots: Shelf<SnapshotId, Arc<Snapshot>>,
    /// The images that use a snapshot, disabled ones too.
    uses: BTreeMap<SnapshotId, Vec<ImageId>>,
    /// Volumes.
    pub(crate) volumes: Shelf<CompactString, Arc<Volume>>,
    /// Instances, terminated ones too.
    pub(crate) instances: Shelf<CompactString, Arc<Instance>>,
    /// Launch templates.
    pub(crate) templates: Shelf<CompactString, Arc<Template>>,
    /// Launch configurations.
    pub(crate) configurations: Shelf<CompactString, Arc<LaunchConfiguration>>,
    /// Auto Scaling groups.
    pub(crate) groups: Shelf<CompactString, Arc<Group>>,
    /// SSM parameters.
    pub(crate) parameters: Shelf<CompactString, Parameter>,
}

impl Scope {
    /// An image.
    #[must_use]
    pub fn image(&self, id: &ImageId) -> Option<&Image> {
        self.images.get(id).map(Arc::as_ref)
    }

    /// All images.
    pub fn images(&self) -> impl ExactSizeIterator<Item = &Image> {
        self.images.values().map(Arc::as_ref)
    }

    /// All snapshots.
    pub fn snapshots(&self) -> impl ExactSizeIterator<Item = &Snapshot> {
        self.snapshots.values().map(Arc::as_ref)
    }

    /// All instances, terminated ones too.
    pub fn instances(&self) -> impl ExactSizeIterator<Item = &Instance> {
        self.instances.values().map(Arc::as_ref)
    }

    /// All launch templates.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = &Template> {
        self.templates.values().map(Arc::as_ref)
    }

    /// All Auto Scaling groups.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.groups.values().map(Arc::as_ref)
    }

    /// All launch configurations.
    pub fn launch_configurations(&self) -> impl ExactSizeIterator<Item = &LaunchConfiguration> {
        self.configurations.values().map(Arc::as_ref)
    }

    /// The images that use this snapshot.
    #[must_use]
    pub fn users_of(&self, snapshot: &SnapshotId) -> &[ImageId] {
        self.uses.get(snapshot).map_or(&[], Vec::as_slice)
    }

    /// Puts an image in, or in place of the one with its id.
    pub fn put_image(&mut self, image: Image) {
        self.remove_image(&image.id);
        for snapshot in image.snapshots() {
            let users = self.uses.entry(snapshot.clone()).or_default();
            if !users.contains(&image.id) {
                users.push(image.id.clone());
            }
        }
        self.images.insert(image.id.clone(), Arc::new(image));
    }

    /// Takes an image out.
    pub fn remove_image(&mut self, id: &ImageId) -> Option<Arc<Image>> {
        let image = self.images.remove(id)?;
        for snapshot in image.snapshots() {
            if let Some(users) = self.uses.get_mut(snapshot) {
                users.retain(|user| user != id);
                if users.is_empty() {
                    self.uses.remove(snapshot);
                }
            }
        }
        Some(image)
    }

    /// An image to change; its block devices must stay as they are.
    pub fn image_mut(&mut self, id: &ImageId) -> Option<&mut Image> {
        self.images.get_mut(id).map(Arc::make_mut)
    }

    /// Puts a snapshot in.
    pub fn put_snapshot(&mut self, snapshot: Snapshot) {
        self.snapshots.insert(snapshot.id.clone(), Arc::new(snapshot));
    }

    /// Puts a volume in.
    pub fn put_volume(&mut self, volume: Volume) {
        self.volumes.insert(volume.id.clone(), Arc::new(volume));
    }

    /// Puts an instance in.
    pub fn put_instance(&mut self, instance: Instance) {
        self.instances.insert(instance.id.clone(), Arc::new(instance));
    }

    /// Puts a launch template in.
    pub fn put_template(&mut self, template: Template) {
        self.templates.insert(template.id.clone(), Arc::new(template));
    }

    /// Puts a launch configuration in.
    pub fn put_launch_configuration(&mut self, configuration: LaunchConfiguration) {
        self.configurations.insert(configuration.name.clone(), Arc::new(configuration));
    }

    /// Puts an Auto Scaling group in.
    pub fn put_group(&mut self, group: Group) {
        self.groups.insert(group.name.clone(), Arc::new(group));
    }

    /// Puts a new version of an SSM parameter in.
    pub fn put_parameter(&mut self, name: &str, value: &str) {
        self.parameters.entry(name.into()).or_default().values.push(value.into());
    }

    /// The image id that `resolve:ssm:name[:version or label]` stands for.
    #[must_use]
    pub fn resolve_image(&self, alias: &str) -> Option<&str> {
        let path = alias.strip_prefix("resolve:ssm:")?;
        let (name, selector) = match path.split_once(':') {
            Some((name, selector)) => (name, Some(selector)),
            None => (path, None),
        };
        self.parameters.get(name)?.value(selector)
    }
}
