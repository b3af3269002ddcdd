//! EC2 `GetImageAncestry`: an image, what it was made of, and so on.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::ImageId;

use super::create_image::find_or_gone;
use super::own_image::own_image;
use super::viewer::Viewer;
use crate::ops::input::image_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Image;
use crate::{Fault, World};

/// Generations that are told.
const GENERATIONS_MAX: usize = 50;

pub(crate) struct GetImageAncestry;

pub(crate) struct Ancestry(Vec<Arc<Image>>);

impl Op for GetImageAncestry {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetImageAncestry");
    type Input = ImageId;
    type Output = Ancestry;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<Ancestry, Fault> {
        let mut next = match world.find_image(&ctx.region, &id) {
            Some(image) if Viewer::new(world, ctx).sees(image) => Some(Arc::clone(image)),
            _ => Some(own_image(world, ctx, &id)?),
        };
        let mut ancestry = Vec::new();
        while let Some(image) = next.take().filter(|_| ancestry.len() < GENERATIONS_MAX) {
            if let (Some(source), Some(region)) = (&image.source_image, &image.source_region) {
                let there = Ctx { region: region.clone(), ..ctx.clone() };
                next = find_or_gone(world, &there, source).cloned();
            }
            ancestry.push(image);
        }
        Ok(Ancestry(ancestry))
    }
}

impl Encode for Ancestry {
    fn encode(&self, xml: &mut Xml) {
        xml.list("imageAncestryEntrySet", "item", &self.0, |xml, image| {
            xml.time("creationDate", image.created_at);
            xml.text("imageId", &image.id);
            xml.optional("imageOwnerAlias", image.owner_alias());
            xml.optional("sourceImageId", image.source_image.as_ref());
            xml.optional("sourceImageRegion", image.source_region.as_ref().map(amictl_model::Region::as_str));
        });
    }
}
