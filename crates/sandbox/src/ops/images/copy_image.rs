//! EC2 `CopyImage`: from any Region into the one that is called, with copies of its snapshots and without its sharing.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState, Region, Tags};

use super::copied_snapshots::{copied, key, require_readable};
use super::new_image::{NewImageId, available_at, make_pending, require_room};
use super::own_image::unavailable;
use super::viewer::Viewer;
use crate::ops::input::{image_id, image_name, tag_specification, tags_of};
use crate::ops::snapshots::encryption::{KEY_NOT_ACCESSIBLE, is_key_accessible};
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{Image, ImageExtras, StateReason};
use crate::{Fault, World};

pub(crate) struct CopyImage;

pub(crate) struct CopyImageInput {
    name: String,
    description: Option<String>,
    pub(super) source: ImageId,
    pub(super) source_region: Region,
    pub(super) encrypted: bool,
    pub(super) kms_key: Option<Box<str>>,
    copy_tags: bool,
    image_tags: Tags,
    pub(super) snapshot_tags: Tags,
    pub(super) completion_minutes: Option<u32>,
}

impl Op for CopyImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CopyImage");
    type Input = CopyImageInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<CopyImageInput, Fault> {
        let source_region = params.required("SourceRegion")?;
        for place in ["DestinationOutpostArn", "DestinationAvailabilityZone", "DestinationAvailabilityZoneId"] {
            if let Some(text) = params.text(place) {
                // There are neither Outposts nor Local Zones here.
                return Err(Fault::invalid_value(place, text));
            }
        }
        Ok(CopyImageInput {
            name: image_name(params)?,
            description: params.string("Description"),
            source: image_id(params.required("SourceImageId")?)?,
            source_region: source_region.parse().map_err(|_| Fault::invalid_value("sourceRegion", source_region))?,
            encrypted: params.flag("Encrypted")?,
            kms_key: params.string("KmsKeyId").map(String::into_boxed_str),
            copy_tags: params.flag("CopyImageTags")?,
            image_tags: tag_specification(params, "image")?,
            snapshot_tags: tag_specification(params, "snapshot")?,
            completion_minutes: completion_minutes(params)?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CopyImageInput) -> Result<NewImageId, Fault> {
        let source = source(world, ctx, &input)?;
        require_readable(world, ctx, &input, &source)?;
        let tags = image_tags(&source, ctx, &input)?;
        require_room(world, ctx)?;
        require_copy_slot(world, ctx)?;
        let failure = key_failure(ctx, &input)?;
        ctx.commit()?;
        let until = available_at(world, ctx);
        let mut image = copy(world, ctx, &input, &source, tags)?;
        make_pending(&mut image, ctx, until, failure);
        let id = image.id.clone();
        let scope = world.scope_mut(ctx.account, &ctx.region);
        scope.put_image(image);
        scope.image_copies.retain(|end| *end > ctx.now);
        scope.image_copies.push(until);
        Ok(NewImageId(id))
    }
}

fn copy(world: &mut World, ctx: &Ctx, input: &CopyImageInput, source: &Image, tags: Tags) -> Result<Image, Fault> {
    let id = world.new_image_id();
    let mappings = source.mappings.iter().map(|mapping| copied(world, ctx, input, source, &id, mapping));
    Ok(Image {
        description: input.description.as_deref().map(Into::into),
        mappings: mappings.collect::<Result<_, _>>()?,
        tags,
        source_image: Some(input.source.clone()),
        source_region: Some(input.source_region.clone()),
        traits: Arc::clone(&source.traits),
        extras: copied_extras(source),
        ..Image::new(id.clone(), ctx.account, &input.name, ctx.now)
    })
}

/// What a copy has in common with its source beyond its traits: how it is billed, and UEFI's variables.
fn copied_extras(source: &Image) -> Option<Box<ImageExtras>> {
    let extras = source.extras.as_ref()?;
    let kept = ImageExtras {
        platform_details: extras.platform_details.clone(),
        product_codes: extras.product_codes.clone(),
        uefi_data: extras.uefi_data.clone(),
        ..ImageExtras::default()
    };
    (kept != ImageExtras::default()).then(|| Box::new(kept))
}

/// `SnapshotCopyCompletionDurationMinutes`: quarters of an hour, up to two days.
fn completion_minutes(params: &Params) -> Result<Option<u32>, Fault> {
    let minutes = params.unsigned("SnapshotCopyCompletionDurationMinutes")?;
    match minutes {
        Some(minutes) if !(15..=2880).contains(&minutes) || !minutes.is_multiple_of(15) => {
            Err(Fault::invalid_value("SnapshotCopyCompletionDurationMinutes", &minutes.to_string()))
        }
        minutes => Ok(minutes),
    }
}

/// The image that is copied.
fn source(world: &World, ctx: &Ctx, input: &CopyImageInput) -> Result<Arc<Image>, Fault> {
    if !world.regions().iter().any(|info| info.region == input.source_region && info.is_enabled()) {
        return Err(Fault::invalid_value("sourceRegion", input.source_region.as_str()));
    }
    let there = Ctx { region: input.source_region.clone(), ..ctx.clone() };
    let viewer = Viewer::new(world, &there);
    match world.find_image(&input.source_region, &input.source) {
        Some(image) if viewer.may_launch(image) && !viewer.is_hidden(image) => match image.state_at(ctx.now) {
            ImageState::Available => Ok(Arc::clone(image)),
            _ => Err(unavailable(image, ctx)),
        },
        _ => Err(Fault::no_image(input.source.as_str())),
    }
}

/// Refuses one copy more than may run at once.
fn require_copy_slot(world: &World, ctx: &Ctx) -> Result<(), Fault> {
    let max = world.limits.image_copies_max;
    let running = world
        .scope(ctx.account, &ctx.region)
        .map_or(0, |scope| scope.image_copies.iter().filter(|end| **end > ctx.now).count());
    if running < max {
        return Ok(());
    }
    let message = format!("The maximum number of {max} concurrent AMI copies to this Region is reached.");
    Err(Fault::new("ResourceLimitExceeded", message))
}

/// The tags of the copy: those of the source that its owner gave, if asked for, under those of the request.
fn image_tags(source: &Image, ctx: &Ctx, input: &CopyImageInput) -> Result<Tags, Fault> {
    let is_copied = input.copy_tags && source.owner == ctx.account;
    let copied = source.tags.iter().filter(|(key, _)| is_copied && !key.starts_with("aws:"));
    let pairs = copied.chain(input.image_tags.iter()).map(|(key, value)| (key.to_owned(), value.to_owned()));
    tags_of(pairs)
}

/// Why the copy will fail: AWS looks at the key only once the copy runs.
fn key_failure(ctx: &Ctx, input: &CopyImageInput) -> Result<Option<StateReason>, Fault> {
    let is_accessible = key(ctx, input)?.is_none_or(|key| is_key_accessible(ctx, &key));
    Ok((!is_accessible)
        .then(|| StateReason { code: "Client.InvalidKMSKey.InvalidState".into(), message: KEY_NOT_ACCESSIBLE.into() }))
}
