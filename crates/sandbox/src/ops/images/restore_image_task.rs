//! EC2 `CreateRestoreImageTask`: an image out of the object that `CreateStoreImageTask` wrote.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;

use super::new_image::{NewImageId, available_at, make_pending, require_free_name, require_room};
use super::store_image_task::{StoredImage, require_bucket, write_stored_images};
use crate::ops::input::{image_name, tag_specification, tags_of};
use crate::ops::snapshots::encryption::default_key;
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{COPY_VOLUME, Image, ImageExtras, Snapshot};
use crate::{Fault, World};

pub(crate) struct CreateRestoreImageTask;

pub(crate) struct RestoreInput {
    bucket: String,
    key: String,
    name: Option<String>,
    image_tags: Tags,
    snapshot_tags: Tags,
}

impl Op for CreateRestoreImageTask {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateRestoreImageTask");
    type Input = RestoreInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<RestoreInput, Fault> {
        Ok(RestoreInput {
            bucket: params.required("Bucket")?.to_owned(),
            key: params.required("ObjectKey")?.to_owned(),
            name: params.text("Name").map(|_| image_name(params)).transpose()?,
            image_tags: tag_specification(params, "image")?,
            snapshot_tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: RestoreInput) -> Result<NewImageId, Fault> {
        require_bucket(world, ctx, &input.bucket)?;
        write_stored_images(world, ctx);
        let stored = stored_image(world, &input)?;
        let name = input.name.as_deref().unwrap_or(&stored.image.name);
        require_free_name(world, ctx, name)?;
        require_room(world, ctx)?;
        let kept = stored.image.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
        let pairs = kept.chain(input.image_tags.iter()).map(|(key, value)| (key.to_owned(), value.to_owned()));
        let tags = tags_of(pairs)?;
        ctx.commit()?;
        let image = restored(world, ctx, &input, &stored, tags);
        let id = image.id.clone();
        world.scope_mut(ctx.account, &ctx.region).put_image(image);
        Ok(NewImageId(id))
    }
}

fn stored_image(world: &World, input: &RestoreInput) -> Result<StoredImage, Fault> {
    let key: String = input.key.chars().take(100).collect();
    let refuse = |why: &str| Fault::new("InvalidParameterValue", format!("The object '{key}' {why}"));
    let object = world.s3.object(&input.bucket, &input.key).ok_or_else(|| refuse("does not exist"))?;
    serde_json::from_slice(&object.body).map_err(|_| refuse("is not a stored AMI"))
}

fn restored(world: &mut World, ctx: &Ctx, input: &RestoreInput, stored: &StoredImage, tags: Tags) -> Image {
    let id = world.new_image_id();
    let mut mappings = stored.image.mappings.clone();
    let mut sizes = stored.full_sizes_bytes.iter();
    for ebs in mappings.iter_mut().filter_map(|mapping| mapping.ebs.as_mut()) {
        if ebs.snapshot.take().is_some() {
            let new = world.new_snapshot_id();
            let size = ebs.size_gib.unwrap_or(8);
            let mut snapshot = Snapshot::new(new, ctx.account, COPY_VOLUME.into(), size, ctx.now);
            snapshot.complete_at(ctx.now.plus_secs(world.pace.snapshot_secs.into()));
            snapshot.full_size_bytes = sizes.next().copied().unwrap_or(0);
            snapshot.encrypted = ebs.encrypted;
            snapshot.kms_key = ebs.encrypted.then(|| default_key(ctx.account, &ctx.region));
            snapshot.description = Some(format!("Restored for {id} from {}", stored.image.id).into());
            snapshot.tags = input.snapshot_tags.clone();
            ebs.snapshot = Some(snapshot.id.clone());
            world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
        }
    }
    let extras = stored.image.extras.as_ref().map(|extras| {
        Box::new(ImageExtras { pending: None, state_reason: None, owner_alias: None, ..ImageExtras::clone(extras) })
    });
    let name = input.name.as_deref().unwrap_or(&stored.image.name);
    let mut image = Image {
        description: stored.image.description.clone(),
        mappings,
        tags,
        source_image: Some(stored.image.id.clone()),
        source_region: Some(stored.region.clone()),
        traits: stored.image.traits.clone(),
        extras,
        ..Image::new(id, ctx.account, name, ctx.now)
    };
    let until = available_at(world, ctx);
    make_pending(&mut image, ctx, until, None);
    image
}
