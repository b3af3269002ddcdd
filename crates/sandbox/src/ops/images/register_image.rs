//! EC2 `RegisterImage`: of snapshots, or of a bundle in S3.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageState, RootDeviceType, SnapshotState, StorageTier, Tags};
use compact_str::CompactString;

use super::new_image::{NewImageId, require_free_name};
use crate::ops::input::{image_name, mappings, tag_specification};
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{Image, ImageTraits, Launches, MappedEbs, Mapping, Protection, Scope};
use crate::{Fault, World};

pub(crate) struct RegisterImage;

pub(crate) struct RegisterImageInput {
    name: String,
    description: Option<String>,
    location: Option<String>,
    mappings: Vec<Mapping>,
    traits: ImageTraits,
    tags: Tags,
}

impl Op for RegisterImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RegisterImage");
    type Input = RegisterImageInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<RegisterImageInput, Fault> {
        let location = params.string("ImageLocation");
        Ok(RegisterImageInput {
            name: image_name(params)?,
            description: params.string("Description"),
            mappings: mappings(params)?,
            traits: traits(params, location.is_some())?,
            tags: tag_specification(params, "image")?,
            location,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: RegisterImageInput) -> Result<NewImageId, Fault> {
        require_free_name(world, ctx, &input.name)?;
        let mappings = match world.scope(ctx.account, &ctx.region) {
            Some(scope) => with_snapshot_facts(scope, input.mappings)?,
            None => with_snapshot_facts(&Scope::default(), input.mappings)?,
        };
        require_root(&input.location, &input.traits, &mappings)?;
        ctx.commit()?;
        let id = world.new_image_id();
        let image = Image {
            id: id.clone(),
            owner: ctx.account,
            name: input.name.into(),
            description: input.description.map(Into::into),
            location: input.location.map(Into::into),
            state: ImageState::Available,
            created_at: ctx.now,
            deprecation_at: None,
            launches: Launches::default(),
            protection: Protection::default(),
            mappings: mappings.into(),
            tags: input.tags,
            permissions: std::collections::BTreeSet::new(),
            source_image: None,
            source_region: None,
            source_instance: None,
            traits: Arc::new(input.traits),
        };
        world.scope_mut(ctx.account, &ctx.region).put_image(image);
        Ok(NewImageId(id))
    }
}

fn traits(params: &Params, is_bundle: bool) -> Result<ImageTraits, Fault> {
    let text = |name: &str| params.string(name).map(CompactString::from);
    let architecture = text("Architecture").unwrap_or_else(|| "i386".into());
    if !["i386", "x86_64", "arm64", "x86_64_mac", "arm64_mac"].contains(&architecture.as_str()) {
        return Err(Fault::invalid_value("architecture", &architecture));
    }
    let virtualization_type = text("VirtualizationType").unwrap_or_else(|| "paravirtual".into());
    if !["hvm", "paravirtual"].contains(&virtualization_type.as_str()) {
        return Err(Fault::invalid_value("virtualizationType", &virtualization_type));
    }
    Ok(ImageTraits {
        architecture,
        root_device_name: text("RootDeviceName").or_else(|| (!is_bundle).then(|| "/dev/sda1".into())),
        root_device_type: if is_bundle { RootDeviceType::InstanceStore } else { RootDeviceType::Ebs },
        virtualization_type,
        ena_support: params.flag("EnaSupport")?,
        sriov_net_support: text("SriovNetSupport"),
        boot_mode: text("BootMode"),
        tpm_support: text("TpmSupport"),
        imds_support: text("ImdsSupport"),
        platform: None,
        kernel: text("KernelId"),
        ramdisk: text("RamdiskId"),
    })
}

/// Fills in what the snapshots know: size and encryption.
fn with_snapshot_facts(scope: &Scope, mut mappings: Vec<Mapping>) -> Result<Vec<Mapping>, Fault> {
    for ebs in mappings.iter_mut().filter_map(|mapping| mapping.ebs.as_mut()) {
        check_snapshot(scope, ebs)?;
    }
    Ok(mappings)
}

fn check_snapshot(scope: &Scope, ebs: &mut MappedEbs) -> Result<(), Fault> {
    let Some(id) = &ebs.snapshot else { return Ok(()) };
    let snapshot = scope.snapshots.get(id).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
    if snapshot.state != SnapshotState::Completed || snapshot.tier != StorageTier::Standard {
        let message = format!("Snapshot '{id}' is not 'completed' in the standard tier.");
        return Err(Fault::new("IncorrectState", message));
    }
    let size = ebs.size_gib.unwrap_or(snapshot.size_gib);
    if size < snapshot.size_gib {
        let message =
            format!("Volume of size {size}GB is smaller than snapshot '{id}', expect size >= {}GB", snapshot.size_gib);
        return Err(Fault::new("InvalidBlockDeviceMapping", message));
    }
    ebs.size_gib = Some(size);
    ebs.encrypted = snapshot.encrypted;
    Ok(())
}

fn require_root(location: &Option<String>, traits: &ImageTraits, mappings: &[Mapping]) -> Result<(), Fault> {
    if location.is_some() {
        return Ok(());
    }
    if mappings.is_empty() {
        let message = "The request must contain the parameter imageLocation or blockDeviceMapping";
        return Err(Fault::new("MissingParameter", message));
    }
    let root = traits.root_device_name.as_deref().unwrap_or_default();
    let has_root = mappings
        .iter()
        .any(|mapping| mapping.device_name == root && mapping.ebs.as_ref().is_some_and(|ebs| ebs.snapshot.is_some()));
    if has_root {
        return Ok(());
    }
    let message = format!("The root device '{root}' must be mapped to a snapshot");
    Err(Fault::new("InvalidBlockDeviceMapping", message))
}
