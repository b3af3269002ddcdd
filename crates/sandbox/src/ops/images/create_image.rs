//! EC2 `CreateImage`: of an instance, with a snapshot of each of its volumes.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageState, RootDeviceType, Tags};
use compact_str::CompactString;

use super::new_image::{NewImageId, require_free_name};
use crate::ops::input::{image_name, mappings, resource_id, tag_specification};
use crate::ops::instances::describe_instances::require_all;
use crate::ops::instances::launch::overlaid;
use crate::ops::snapshots::create_snapshot::snapshot_of;
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{Image, ImageTraits, Instance, InstanceState, Launches, MappedEbs, Mapping, Protection, Scope};
use crate::{Fault, World};

pub(crate) struct CreateImage;

pub(crate) struct CreateImageInput {
    instance: CompactString,
    name: String,
    description: Option<String>,
    mappings: Vec<Mapping>,
    image_tags: Tags,
    snapshot_tags: Tags,
}

impl Op for CreateImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateImage");
    type Input = CreateImageInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<CreateImageInput, Fault> {
        Ok(CreateImageInput {
            instance: resource_id(params.required("InstanceId")?, "i-", "InvalidInstanceID.Malformed")?,
            name: image_name(params)?,
            description: params.string("Description"),
            mappings: mappings(params)?,
            image_tags: tag_specification(params, "image")?,
            snapshot_tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateImageInput) -> Result<NewImageId, Fault> {
        let instance = checked_instance(world.scope_mut(ctx.account, &ctx.region), ctx, &input.instance)?;
        require_free_name(world, ctx, &input.name)?;
        ctx.commit()?;
        let id = world.new_image_id();
        let description = format!("Created by CreateImage({}) for {id}", instance.id);
        let base = volume_mappings(world, ctx, &instance, &description, &input.snapshot_tags);
        let traits = ImageTraits {
            architecture: instance.architecture.clone(),
            root_device_name: instance.root_device_name.clone(),
            root_device_type: RootDeviceType::Ebs,
            ..ImageTraits::default()
        };
        let image = Image {
            id: id.clone(),
            owner: ctx.account,
            name: input.name.into(),
            description: input.description.map(Into::into),
            location: None,
            state: ImageState::Available,
            created_at: ctx.now,
            deprecation_at: None,
            launches: Launches::default(),
            protection: Protection::default(),
            mappings: overlaid(&base, &input.mappings).into(),
            tags: input.image_tags,
            permissions: BTreeSet::new(),
            source_image: Some(instance.image.clone()),
            source_region: Some(ctx.region.clone()),
            source_instance: Some(instance.id.clone()),
            traits: Arc::new(traits),
        };
        world.scope_mut(ctx.account, &ctx.region).put_image(image);
        Ok(NewImageId(id))
    }
}

fn checked_instance(scope: &Scope, ctx: &Ctx, id: &CompactString) -> Result<Arc<Instance>, Fault> {
    require_all(ctx, scope, std::slice::from_ref(id))?;
    match scope.instances.get(id) {
        Some(instance) if instance.state != InstanceState::Terminated => Ok(Arc::clone(instance)),
        _ => Err(Fault::new("IncorrectState", format!("Instance '{id}' is not 'running' or 'stopped'."))),
    }
}

/// Takes a snapshot of every volume of an instance.
fn volume_mappings(world: &mut World, ctx: &Ctx, instance: &Instance, description: &str, tags: &Tags) -> Vec<Mapping> {
    let mut mappings = Vec::new();
    for device in &instance.devices {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let Some(volume) = scope.volumes.get(&device.volume).map(Arc::clone) else { continue };
        let mut snapshot = snapshot_of(world, ctx, &volume);
        snapshot.description = Some(description.into());
        snapshot.tags = tags.clone();
        mappings.push(Mapping {
            device_name: device.name.clone(),
            ebs: Some(MappedEbs {
                snapshot: Some(snapshot.id.clone()),
                size_gib: Some(volume.size_gib),
                volume_type: Some(volume.volume_type.clone()),
                encrypted: volume.encrypted,
                delete_on_termination: Some(device.delete_on_termination),
                iops: volume.iops,
                throughput: volume.throughput,
                kms_key: None,
            }),
            ..Mapping::default()
        });
        world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
    }
    mappings
}
