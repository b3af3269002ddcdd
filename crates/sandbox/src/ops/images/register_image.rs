//! EC2 `RegisterImage`: of snapshots, or of a bundle in S3.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, RootDeviceType, Tags};
use compact_str::CompactString;

use super::billing::{billing_of_snapshot, origin_of_snapshot};
use super::bundle::manifest_of;
use super::new_image::{NewImageId, available_at, make_pending, require_free_name, require_room};
use super::registered_devices::{require_root, root_snapshot, with_snapshot_facts};
use crate::ops::input::{image_name, mappings, tag_specification};
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{Image, ImageTraits, Mapping};
use crate::{Fault, World};

pub(crate) struct RegisterImage;

pub(crate) struct RegisterImageInput {
    name: String,
    description: Option<String>,
    location: Option<String>,
    mappings: Vec<Mapping>,
    architecture: Option<CompactString>,
    traits: ImageTraits,
    uefi_data: Option<Box<str>>,
    tags: Tags,
}

impl Op for RegisterImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RegisterImage");
    type Input = RegisterImageInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<RegisterImageInput, Fault> {
        if !params.texts("BillingProduct")?.is_empty() {
            let message = "The account is not authorized to specify billing product codes.";
            return Err(Fault::new("AuthFailure", message));
        }
        let location = params.string("ImageLocation");
        Ok(RegisterImageInput {
            name: image_name(params)?,
            description: params.string("Description"),
            mappings: mappings(params)?,
            architecture: architecture(params)?,
            traits: traits(params, location.is_some())?,
            uefi_data: params.string("UefiData").map(String::into_boxed_str),
            tags: tags(params)?,
            location,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, mut input: RegisterImageInput) -> Result<NewImageId, Fault> {
        require_free_name(world, ctx, &input.name)?;
        let mappings = with_snapshot_facts(world, ctx, std::mem::take(&mut input.mappings))?;
        match &input.location {
            Some(location) => {
                let manifest = manifest_of(world, ctx, location)?;
                input.architecture = input.architecture.or(manifest.architecture);
                input.traits.kernel = input.traits.kernel.or(manifest.kernel);
                input.traits.ramdisk = input.traits.ramdisk.or(manifest.ramdisk);
            }
            None => require_root(&input.traits, &mappings)?,
        }
        require_room(world, ctx)?;
        ctx.commit()?;
        let id = world.new_image_id();
        let image = registered(world, ctx, input, mappings, id.clone());
        world.scope_mut(ctx.account, &ctx.region).put_image(image);
        Ok(NewImageId(id))
    }
}

fn registered(world: &World, ctx: &Ctx, input: RegisterImageInput, mappings: Vec<Mapping>, id: ImageId) -> Image {
    let mut traits = input.traits;
    traits.architecture = input.architecture.unwrap_or_else(|| "i386".into());
    let root = if input.location.is_none() { root_snapshot(&traits, &mappings).cloned() } else { None };
    let mut extras = None;
    if let Some(root) = &root {
        extras = billing_of_snapshot(world, ctx, root);
        traits.platform = origin_of_snapshot(world, ctx, root).and_then(|origin| origin.traits.platform.clone());
    }
    let mut image = Image {
        description: input.description.map(Into::into),
        location: input.location.map(Into::into),
        mappings: mappings.into(),
        tags: input.tags,
        traits: Arc::new(traits),
        extras,
        ..Image::new(id, ctx.account, &input.name, ctx.now)
    };
    if input.uefi_data.is_some() {
        image.extras_mut().uefi_data = input.uefi_data;
    }
    let until = available_at(world, ctx);
    make_pending(&mut image, ctx, until, None);
    image
}

/// `TagSpecification`, of the image alone.
fn tags(params: &Params) -> Result<Tags, Fault> {
    for specification in params.structures("TagSpecification")? {
        let kind = specification.required("ResourceType")?;
        if kind != "image" {
            let message = format!("'{kind}' is not a valid taggable resource type for this operation.");
            return Err(Fault::new("InvalidParameterValue", message));
        }
    }
    tag_specification(params, "image")
}

/// `Architecture`; without it that of the manifest, or `i386`.
fn architecture(params: &Params) -> Result<Option<CompactString>, Fault> {
    match params.text("Architecture") {
        None | Some("") => Ok(None),
        Some(known @ ("i386" | "x86_64" | "arm64" | "x86_64_mac" | "arm64_mac")) => Ok(Some(known.into())),
        Some(other) => Err(Fault::invalid_value("architecture", other)),
    }
}

fn traits(params: &Params, is_bundle: bool) -> Result<ImageTraits, Fault> {
    let text = |name: &str| params.string(name).map(CompactString::from);
    let virtualization_type = text("VirtualizationType").unwrap_or_else(|| "paravirtual".into());
    if !["hvm", "paravirtual"].contains(&virtualization_type.as_str()) {
        return Err(Fault::invalid_value("virtualizationType", &virtualization_type));
    }
    Ok(ImageTraits {
        root_device_name: text("RootDeviceName").or_else(|| (!is_bundle).then(|| "/dev/sda1".into())),
        root_device_type: if is_bundle { RootDeviceType::InstanceStore } else { RootDeviceType::Ebs },
        virtualization_type,
        ena_support: params.flag("EnaSupport")?,
        sriov_net_support: text("SriovNetSupport"),
        boot_mode: text("BootMode"),
        tpm_support: text("TpmSupport"),
        imds_support: text("ImdsSupport"),
        kernel: text("KernelId"),
        ramdisk: text("RamdiskId"),
        ..ImageTraits::default()
    })
}
