//! Everything of one account in one Region.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amictl_model::{ImageId, Moment, SnapshotId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::shelf::Lagging;
use super::{
    BinnedImage, BuilderResource, CloudResource, ExportImageTask, FastLaunch, Fleet, Group, Image, ImageSettings,
    ImportImageTask, Instance, KeyPair, LaunchConfiguration, Parameter, ParameterVersion, ReplaceRootTask,
    ResourceRequest, RetentionRule, SecurityGroup, Shelf, Snapshot, SnapshotShelves, SpotRequest, StoreImageTask,
    Template, Topic, UsageReport, Volume,
};

/// Images in the order of their ids; nearly always one.
type Users = SmallVec<[ImageId; 1]>;

/// Resources of one account in one Region, ordered by id or name, so that a page costs what is on it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Images.
    pub(crate) images: Shelf<ImageId, Arc<Image>>,
    /// Images by name; copies may share one.
    #[serde(skip)]
    names: BTreeSet<(Arc<str>, ImageId)>,
    /// Images that were deregistered, as they were.
    pub(crate) gone_images: Shelf<ImageId, Arc<Image>>,
    /// Images in the Recycle Bin, also those whose time there is over.
    pub(crate) binned_images: Shelf<ImageId, Arc<BinnedImage>>,
    /// Settings about images.
    pub(crate) image_settings: ImageSettings,
    /// When the copies of images that were begun end.
    pub(crate) image_copies: Vec<Moment>,
    /// Store tasks by the number that they were begun with.
    pub(crate) store_image_tasks: Shelf<u64, Arc<StoreImageTask>>,
    /// Export tasks of images by `ExportImageTaskId`.
    pub(crate) image_exports: Shelf<CompactString, Arc<ExportImageTask>>,
    /// Import tasks of images by `ImportTaskId`.
    pub(crate) image_imports: Shelf<CompactString, Arc<ImportImageTask>>,
    /// Usage reports by id, also expired ones.
    pub(crate) usage_reports: Shelf<CompactString, Arc<UsageReport>>,
    /// Snapshots.
    pub(crate) snapshots: Shelf<SnapshotId, Arc<Snapshot>>,
    /// What belongs to snapshots: the bin, fast restores, imports.
    pub(crate) snapshot_shelves: SnapshotShelves,
    /// The images that use a snapshot, disabled ones too.
    #[serde(skip)]
    uses: BTreeMap<SnapshotId, Users>,
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
    /// Tasks that replace root volumes.
    pub(crate) root_tasks: Shelf<CompactString, Arc<ReplaceRootTask>>,
    /// Spot requests.
    pub(crate) spot_requests: Shelf<CompactString, Arc<SpotRequest>>,
    /// Key pairs by name.
    pub(crate) key_pairs: Shelf<CompactString, Arc<KeyPair>>,
    /// Security groups but the default one.
    pub(crate) security_groups: Shelf<CompactString, Arc<SecurityGroup>>,
    /// Auto Scaling groups that have something to do, and from when on.
    pub(crate) group_work: BTreeMap<CompactString, Moment>,
    /// EC2 Fleets and Spot Fleets.
    pub(crate) fleets: Shelf<CompactString, Arc<Fleet>>,
    /// Fleets that may have lost an instance, and from when on.
    pub(crate) fleet_work: BTreeMap<CompactString, Moment>,
    /// Images with fast launch.
    pub(crate) fast_launches: Shelf<ImageId, Arc<FastLaunch>>,
    /// SSM parameters.
    pub(crate) parameters: Shelf<CompactString, Parameter>,
    /// Quotas whose values are not AWS's defaults, by code.
    pub(crate) quotas: BTreeMap<CompactString, f64>,
    /// Resources that only Cloud Control shows, by type and identifier with a blank between.
    pub(crate) resources: Shelf<CompactString, Arc<CloudResource>>,
    /// Requests to change such resources, by token.
    pub(crate) resource_requests: Shelf<CompactString, Arc<ResourceRequest>>,
    /// What Image Builder has, by ARN.
    pub(crate) builder: Shelf<CompactString, Arc<BuilderResource>>,
    /// SNS topics by name.
    pub(crate) topics: Shelf<CompactString, Topic>,
    /// Recycle Bin retention rules.
    pub(crate) retention_rules: Shelf<CompactString, Arc<RetentionRule>>,
}

/// The shelves of a scope. Every field is named, so that a new one has to say whether it is one of them.
macro_rules! shelves {
    ($scope:expr, $($shelf:ident)*; of snapshots: $($of_snapshots:ident)*; not: $($other:ident)*) => {{
        let Scope {
            snapshot_shelves: SnapshotShelves { $($of_snapshots,)* public_access: _ },
            $($shelf,)*
            $($other: _,)*
        } = $scope;
        vec![$($shelf,)* $($of_snapshots,)*]
    }};
}

impl Scope {
    /// All shelves, whose changes may take time to be seen.
    pub(super) fn shelves(&mut self) -> Vec<&mut dyn Lagging> {
        shelves!(
            self,
            images gone_images binned_images store_image_tasks image_exports image_imports usage_reports snapshots volumes instances templates
            configurations groups parameters retention_rules root_tasks spot_requests key_pairs security_groups fleets
            fast_launches resources resource_requests builder topics;
            of snapshots: bin volume_bin fast_restores imports;
            not: names image_settings image_copies group_work uses fleet_work quotas
        )
    }

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
        self.uses.get(snapshot).map_or(&[], SmallVec::as_slice)
    }

    /// Puts an image in, or in place of the one with its id.
    pub fn put_image(&mut self, image: Image) {
        self.remove_image(&image.id);
        note_uses(&mut self.uses, &image);
        self.names.insert((Arc::clone(&image.name), image.id.clone()));
        self.images.insert(image.id.clone(), Arc::new(image));
    }

    /// Finds out which images use which snapshot and have which name, as it must be after loading.
    pub(super) fn index(&mut self) {
        self.uses.clear();
        self.names.clear();
        for image in self.images.values() {
            note_uses(&mut self.uses, image);
            self.names.insert((Arc::clone(&image.name), image.id.clone()));
        }
    }

    /// Takes an image out.
    pub fn remove_image(&mut self, id: &ImageId) -> Option<Arc<Image>> {
        let image = self.images.remove(id)?;
        self.names.remove(&(Arc::clone(&image.name), id.clone()));
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

    /// An image of this name.
    #[must_use]
    pub fn image_named(&self, name: &str) -> Option<&ImageId> {
        let first = (Arc::from(name), "ami-0".parse().expect("no image id is smaller than this one"));
        self.names.range(first..).next().filter(|(found, _)| &**found == name).map(|(_, id)| id)
    }

    /// An image to change; its name and its block devices must stay as they are.
    pub fn image_mut(&mut self, id: &ImageId) -> Option<&mut Image> {
        self.images.get_mut(id).map(Arc::make_mut)
    }

    /// Puts a snapshot in.
    pub fn put_snapshot(&mut self, snapshot: Snapshot) {
        self.snapshots.insert(snapshot.id.clone(), Arc::new(snapshot));
    }

    /// Puts a volume in, with the blocks of its snapshot if that is one of the account's.
    pub fn put_volume(&mut self, mut volume: Volume) {
        let has_base = volume.more.as_ref().is_some_and(|more| more.base.is_some());
        let snapshot = volume.snapshot.as_ref().filter(|_| !has_base).and_then(|id| self.snapshots.get(id));
        if let Some(snapshot) = snapshot {
            volume.more_mut().base = Some(snapshot.lineage());
        }
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

    /// Sets an account's quota, by its code such as `L-0E3CBAB9`.
    pub fn set_quota(&mut self, code: &str, value: f64) {
        self.quotas.insert(code.into(), value);
    }

    /// The SNS topics, with what was published to them.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values()
    }

    /// Puts a resource in that only Cloud Control shows.
    pub fn put_resource(&mut self, resource: CloudResource) {
        self.resources.insert(resource.key(), Arc::new(resource));
    }

    /// Notes that a group has something to do from then on.
    pub(crate) fn note_group_work(&mut self, group: CompactString, at: Moment) {
        let due = self.group_work.entry(group).or_insert(at);
        *due = (*due).min(at);
    }

    /// Puts a new version of an SSM parameter of plain text in, written at the epoch.
    pub fn put_parameter(&mut self, name: &str, value: &str) {
        let mut parameter = self.parameters.get(name).cloned().unwrap_or_default();
        let version = ParameterVersion::text(parameter.next_version(), value, Moment::from_secs(0));
        parameter.versions.push(version);
        self.parameters.insert(name.into(), parameter);
    }

    /// Takes an SSM parameter out; whether there was one.
    pub fn remove_parameter(&mut self, name: &str) -> bool {
        self.parameters.remove(name).is_some()
    }
}

/// Notes which snapshots an image uses.
fn note_uses(uses: &mut BTreeMap<SnapshotId, Users>, image: &Image) {
    for snapshot in image.snapshots() {
        let users = uses.entry(snapshot.clone()).or_default();
        if let Err(at) = users.binary_search(&image.id) {
            users.insert(at, image.id.clone());
        }
    }
}
