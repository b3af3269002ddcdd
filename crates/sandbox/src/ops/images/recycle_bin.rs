//! EC2 `ListImagesInRecycleBin` and `RestoreImageFromRecycleBin`.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState};

use super::snapshots::incomplete_snapshot;
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::BinnedImage;
use crate::{Fault, World};

/// Image ids that one listing may name.
const IDS_MAX: usize = 20;

pub(crate) struct ListImagesInRecycleBin;

pub(crate) struct ListInput {
    images: BTreeSet<ImageId>,
    limit: usize,
    token: Option<String>,
}

pub(crate) struct ListOutput {
    images: Vec<Arc<BinnedImage>>,
    next_token: Option<String>,
}

impl Op for ListImagesInRecycleBin {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "ListImagesInRecycleBin");
    type Input = ListInput;
    type Output = ListOutput;
    paged!();

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        let images = params.texts("ImageId")?;
        if images.len() > IDS_MAX {
            return Err(Fault::new("InvalidParameterValue", format!("At most {IDS_MAX} image ids can be specified")));
        }
        Ok(ListInput {
            images: images.iter().map(|id| image_id(id)).collect::<Result<_, _>>()?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 1..=1000)?.unwrap_or(1000),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<ListOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(id) = input.images.iter().find(|id| scope.binned_image(id, ctx.now).is_none()) {
            return Err(Fault::no_image(id.as_str()));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = match after {
            Some(key) => Bound::Excluded(image_id(&key)?),
            None => Bound::Unbounded,
        };
        let entries = scope.binned_images.range((start, Bound::Unbounded));
        let page = page::fill(entries, Some(input.limit), |id, binned| {
            let is_wanted = input.images.is_empty() || input.images.contains(*id);
            (is_wanted && ctx.now < binned.exits_at).then(|| Arc::clone(binned))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(ListOutput { images: page.items, next_token })
    }
}

impl Encode for ListOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("imageSet", "item", &self.images, |xml, binned| {
            xml.text("imageId", &binned.image.id);
            xml.text("name", &binned.image.name);
            xml.optional("description", binned.image.description.as_ref());
            xml.time("recycleBinEnterTime", binned.entered_at);
            xml.time("recycleBinExitTime", binned.exits_at);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

pub(crate) struct RestoreImageFromRecycleBin;

impl Op for RestoreImageFromRecycleBin {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreImageFromRecycleBin");
    type Input = ImageId;
    type Output = Done;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<Done, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let Some(binned) = scope.binned_image(&id, ctx.now) else { return Err(Fault::no_image(id.as_str())) };
        if let Some(snapshot) = incomplete_snapshot(scope, &binned.image, ctx.now) {
            let message =
                format!("The image '{id}' cannot be restored before its snapshot '{snapshot}' is 'completed'.");
            return Err(Fault::new("IncorrectState", message));
        }
        ctx.commit()?;
        scope.restore_image(&id);
        if let Some(image) = scope.image_mut(&id) {
            image.state = ImageState::Available;
        }
        Ok(Done)
    }
}
