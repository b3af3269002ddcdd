//! EC2 `DescribeImages`.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{AccountId, ImageId, Moment};

use super::image_filter::{IMAGE_FILTERS, ImageView};
use super::image_selection::Selection;
use super::image_xml::write_image;
use super::viewer::{Viewer, image_allowed};
use crate::filter::Filters;
use crate::ops::input::image_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Image, ImageSettings};
use crate::{Fault, World};

pub(crate) struct DescribeImages;

#[derive(Default)]
pub(crate) struct DescribeImagesInput {
    pub(crate) images: Vec<ImageId>,
    pub(crate) owners: Vec<String>,
    pub(crate) executable_by: Vec<String>,
    pub(crate) include_deprecated: bool,
    pub(crate) include_disabled: bool,
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeImagesOutput {
    pub(crate) images: Vec<Arc<Image>>,
    pub(crate) next_token: Option<String>,
    caller: AccountId,
    settings: ImageSettings,
    pub(crate) now: Moment,
}

impl Op for DescribeImages {
    const SPEC: OperationSpec = <ops::DescribeImages as Operation>::SPEC;
    type Input = DescribeImagesInput;
    type Output = DescribeImagesOutput;
    paged!();

    fn decode(params: &Params) -> Result<DescribeImagesInput, Fault> {
        let images: Vec<ImageId> = params.texts("ImageId")?.iter().map(|id| image_id(id)).collect::<Result<_, _>>()?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 1..=1000)?;
        if !images.is_empty() && limit.is_some() {
            let message = "The parameter imageIds cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeImagesInput {
            images,
            owners: params.texts("Owner")?,
            executable_by: params.texts("ExecutableBy")?,
            include_deprecated: params.flag("IncludeDeprecated")?,
            include_disabled: params.flag("IncludeDisabled")?,
            filters: Filters::decode(params, IMAGE_FILTERS)?,
            limit,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeImagesInput) -> Result<DescribeImagesOutput, Fault> {
        let world = &*world;
        let selection = Selection::new(world, ctx, &input)?;
        require_all(world, ctx, &input.images)?;
        let after = input.token.as_deref().map(|token| cursor_of(ctx, token)).transpose()?;
        let page = if input.images.is_empty() && input.filters.exact("image-id").is_none() {
            page::fill(all(world, ctx, &selection, after), input.limit, |_, image| selection.pick(&input, image))
        } else {
            page::fill(named(world, ctx, &input, after.as_ref()), input.limit, |_, image| selection.pick(&input, image))
        };
        let next_token = page.next.map(|(owner, id)| page::token_after(ctx, Self::SPEC.name, &format!("{owner}/{id}")));
        let settings = world.scope(ctx.account, &ctx.region).map(|scope| scope.image_settings.clone());
        Ok(DescribeImagesOutput {
            images: page.items,
            next_token,
            caller: ctx.account,
            settings: settings.unwrap_or_default(),
            now: ctx.now,
        })
    }
}

/// Where an image stands in the order of pages.
type Place = (AccountId, ImageId);

/// All images of a Region in order, of the selected owners.
fn all<'a>(
    world: &'a World,
    ctx: &'a Ctx,
    selection: &'a Selection<'a>,
    after: Option<Place>,
) -> impl Iterator<Item = (Place, &'a Arc<Image>)> {
    let from = after.as_ref().map(|(owner, _)| *owner);
    world.in_region(&ctx.region, from).filter(|(owner, _)| selection.may_take_owner(*owner)).flat_map(
        move |(owner, scope)| {
            let start = match &after {
                Some((at, id)) if *at == owner => Bound::Excluded(id.clone()),
                _ => Bound::Unbounded,
            };
            scope.images.range((start, Bound::Unbounded)).map(move |(id, image)| ((owner, id.clone()), image))
        },
    )
}

/// The images of the request's ids, or of its `image-id` filter, in the same order.
fn named<'a>(
    world: &'a World,
    ctx: &'a Ctx,
    input: &DescribeImagesInput,
    after: Option<&Place>,
) -> impl Iterator<Item = (Place, &'a Arc<Image>)> {
    let filtered = input.filters.exact("image-id").unwrap_or_default().iter().filter_map(|id| id.parse().ok());
    let ids: BTreeSet<ImageId> =
        if input.images.is_empty() { filtered.collect() } else { input.images.iter().cloned().collect() };
    let mut images: Vec<(Place, &Arc<Image>)> = ids
        .iter()
        .filter_map(|id| world.find_image(&ctx.region, id))
        .map(|image| ((image.owner, image.id.clone()), image))
        .filter(|(place, _)| after.is_none_or(|after| place > after))
        .collect();
    images.sort_by(|a, b| a.0.cmp(&b.0));
    images.into_iter()
}

fn cursor_of(ctx: &Ctx, token: &str) -> Result<Place, Fault> {
    let key = page::key_of_token(ctx, DescribeImages::SPEC.name, token)?;
    key.split_once('/')
        .and_then(|(owner, id)| Some((owner.parse().ok()?, id.parse().ok()?)))
        .ok_or_else(|| Fault::new("InvalidPaginationToken", "The token is not valid for this request."))
}

/// Fails whole when one of the ids is not there or not to be seen.
fn require_all(world: &World, ctx: &Ctx, ids: &[ImageId]) -> Result<(), Fault> {
    let viewer = Viewer::new(world, ctx);
    let is_missing = |id: &ImageId| !world.find_image(&ctx.region, id).is_some_and(|image| viewer.sees(image));
    let missing: Vec<&str> = ids.iter().filter(|id| is_missing(id)).map(ImageId::as_str).collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(Fault::no_image(one)),
        many => Err(Fault::new("InvalidAMIID.NotFound", format!("The image ids '[{}]' do not exist", many.join(", ")))),
    }
}

/// What an image with two devices takes in a reply, about.
const IMAGE_BYTES: usize = 1600;

impl Encode for DescribeImagesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.reserve(self.images.len() * IMAGE_BYTES);
        xml.list("imagesSet", "item", &self.images, |xml, image| {
            write_image(
                xml,
                image,
                &ImageView {
                    now: self.now,
                    is_owner: image.owner == self.caller,
                    allowed: image_allowed(&self.settings, self.caller, image, self.now),
                },
            );
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
