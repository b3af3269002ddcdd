//! EC2 `CopyImage`: from any Region into the one that is called, with copies of its snapshots and without its sharing.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState, Region, Tags};

use super::new_image::NewImageId;
use super::own_image::unavailable;
use crate::ops::input::{image_id, image_name, tag_specification, tags_of};
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{Image, Launches, Mapping, Protection, Snapshot};
use crate::{Fault, World};

pub(crate) struct CopyImage;

pub(crate) struct CopyImageInput {
    name: String,
    description: Option<String>,
    source: ImageId,
    source_region: Region,
    encrypted: bool,
    kms_key: Option<Box<str>>,
    copy_tags: bool,
    image_tags: Tags,
    snapshot_tags: Tags,
}

impl Op for CopyImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CopyImage");
    type Input = CopyImageInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<CopyImageInput, Fault> {
        let source_region = params.required("SourceRegion")?;
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
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CopyImageInput) -> Result<NewImageId, Fault> {
        let source = source(world, ctx, &input)?;
        let tags = image_tags(&source, ctx, &input)?;
        ctx.commit()?;
        let id = world.new_image_id();
        let mappings: Vec<Mapping> =
            source.mappings.iter().map(|mapping| copied(world, ctx, &input, &source, &id, mapping)).collect();
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
            mappings: mappings.into(),
            tags,
            permissions: BTreeSet::new(),
            source_image: Some(input.source),
            source_region: Some(input.source_region),
            source_instance: None,
            traits: Arc::clone(&source.traits),
        };
        world.scope_mut(ctx.account, &ctx.region).put_image(image);
        Ok(NewImageId(id))
    }
}

fn source(world: &World, ctx: &Ctx, input: &CopyImageInput) -> Result<Arc<Image>, Fault> {
    if !world.regions().iter().any(|info| info.region == input.source_region && info.is_enabled()) {
        return Err(Fault::invalid_value("sourceRegion", input.source_region.as_str()));
    }
    match world.find_image(&input.source_region, &input.source) {
        Some(image) if image.is_launchable_by(ctx.account) => match image.state {
            ImageState::Available => Ok(Arc::clone(image)),
            _ => Err(unavailable(image)),
        },
        _ => Err(Fault::no_image(input.source.as_str())),
    }
}

/// The tags of the copy: those of the source that its owner gave, if asked for, under those of the request.
fn image_tags(source: &Image, ctx: &Ctx, input: &CopyImageInput) -> Result<Tags, Fault> {
    let is_copied = input.copy_tags && source.owner == ctx.account;
    let copied = source.tags.iter().filter(|(key, _)| is_copied && !key.starts_with("aws:"));
    let pairs = copied.chain(input.image_tags.iter()).map(|(key, value)| (key.to_owned(), value.to_owned()));
    tags_of(pairs)
}

fn copied(
    world: &mut World,
    ctx: &Ctx,
    input: &CopyImageInput,
    source: &Image,
    copy: &ImageId,
    mapping: &Mapping,
) -> Mapping {
    let mut mapping = mapping.clone();
    let Some(ebs) = &mut mapping.ebs else { return mapping };
    let Some(from) = ebs.snapshot.take() else { return mapping };
    let original =
        world.scope(source.owner, &input.source_region).and_then(|scope| scope.snapshots.get(&from)).cloned();
    let encrypted = ebs.encrypted || input.encrypted;
    let snapshot = Snapshot {
        id: world.new_snapshot_id(),
        owner: ctx.account,
        volume: "vol-ffffffff".into(),
        size_gib: ebs.size_gib.unwrap_or(8),
        full_size_bytes: original.as_ref().map_or(0, |snapshot| snapshot.full_size_bytes),
        state: amictl_model::SnapshotState::Completed,
        tier: amictl_model::StorageTier::Standard,
        encrypted,
        kms_key: input.kms_key.clone(),
        started_at: ctx.now,
        description: Some(
            format!("Copied for DestinationAmi {copy} from SourceAmi {} for SourceSnapshot {from}.", source.id).into(),
        ),
        tags: input.snapshot_tags.clone(),
    };
    ebs.snapshot = Some(snapshot.id.clone());
    ebs.encrypted = encrypted;
    world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
    mapping
}
