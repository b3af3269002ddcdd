//! EC2 `DescribeImages`.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{AccountId, Grantee, ImageId, ImageState, Moment};

use super::image_filter::{IMAGE_FILTERS, image_matches};
use super::image_xml::write_image;
use crate::filter::Filters;
use crate::ops::input::image_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::Image;
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
        let selection = Selection::new(ctx, &input)?;
        require_all(world, ctx, &input.images)?;
        let after = input.token.as_deref().map(|token| cursor_of(ctx, token)).transpose()?;
        let page = if input.images.is_empty() && input.filters.exact("image-id").is_none() {
            page::fill(all(world, ctx, &selection, after), input.limit, |_, image| selection.pick(ctx, &input, image))
        } else {
            page::fill(named(world, ctx, &input, after.as_ref()), input.limit, |_, image| {
                selection.pick(ctx, &input, image)
            })
        };
        let next_token = page.next.map(|(owner, id)| page::token_after(ctx, Self::SPEC.name, &format!("{owner}/{id}")));
        Ok(DescribeImagesOutput { images: page.items, next_token, caller: ctx.account, now: ctx.now })
    }
}

/// Where an image stands in the order of pages.
type Place = (AccountId, ImageId);

/// All images of a Region in order, of the selected owners.
fn all<'a>(
    world: &'a World,
    ctx: &'a Ctx,
    selection: &'a Selection,
    after: Option<Place>,
) -> impl Iterator<Item = (Place, &'a Arc<Image>)> {
    let from = after.as_ref().map(|(owner, _)| *owner);
    world.in_region(&ctx.region, from).filter(|(owner, _)| selection.takes_owner(*owner)).flat_map(
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
    let missing: Vec<&str> = ids
        .iter()
        .filter(|id| !world.find_image(&ctx.region, id).is_some_and(|image| image.is_visible_to(ctx.account)))
        .map(ImageId::as_str)
        .collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(Fault::no_image(one)),
        many => Err(Fault::new("InvalidAMIID.NotFound", format!("The image ids '[{}]' do not exist", many.join(", ")))),
    }
}

/// Who must own the images and who must be allowed to launch them.
struct Selection {
    owners: Option<BTreeSet<AccountId>>,
    executable_by: Vec<Executor>,
}

enum Executor {
    Caller,
    Everyone,
    Other(AccountId),
}

impl Selection {
    fn new(ctx: &Ctx, input: &DescribeImagesInput) -> Result<Self, Fault> {
        let mut owners = BTreeSet::new();
        for owner in &input.owners {
            match owner.as_str() {
                "self" => owners.extend([ctx.account]),
                // AWS's own images do not exist here.
                "amazon" | "aws-marketplace" | "aws-backup-vault" | "microsoft" => {}
                account => owners.extend([user_id(account)?]),
            }
        }
        let executable_by = input.executable_by.iter().map(|user| match user.as_str() {
            "self" => Ok(Executor::Caller),
            "all" => Ok(Executor::Everyone),
            account => user_id(account)
                .map(|account| if account == ctx.account { Executor::Caller } else { Executor::Other(account) }),
        });
        Ok(Self {
            owners: (!input.owners.is_empty()).then_some(owners),
            executable_by: executable_by.collect::<Result<_, _>>()?,
        })
    }

    fn takes_owner(&self, owner: AccountId) -> bool {
        self.owners.as_ref().is_none_or(|owners| owners.contains(&owner))
    }

    fn pick(&self, ctx: &Ctx, input: &DescribeImagesInput, image: &Arc<Image>) -> Option<Arc<Image>> {
        let is_owner = image.owner == ctx.account;
        let is_listed =
            is_owner || input.include_deprecated || !input.images.is_empty() || !image.is_deprecated(ctx.now);
        let takes = image.is_visible_to(ctx.account)
            && self.takes_owner(image.owner)
            && (image.state != ImageState::Disabled || input.include_disabled)
            && is_listed
            && self.takes_executor(ctx, image)
            && image_matches(&input.filters, image);
        takes.then(|| Arc::clone(image))
    }

    fn takes_executor(&self, ctx: &Ctx, image: &Image) -> bool {
        let shared_with = |account| image.permissions.contains(&Grantee::Account(account));
        self.executable_by.is_empty()
            || self.executable_by.iter().any(|executor| match executor {
                Executor::Caller => shared_with(ctx.account),
                Executor::Everyone => image.is_public(),
                Executor::Other(account) => shared_with(*account),
            })
    }
}

fn user_id(text: &str) -> Result<AccountId, Fault> {
    text.parse().map_err(|_| {
        let text: String = text.chars().take(100).collect();
        Fault::new("InvalidUserID.Malformed", format!("Invalid user id: \"{text}\""))
    })
}

impl Encode for DescribeImagesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("imagesSet", "item", &self.images, |xml, image| {
            write_image(xml, image, image.owner == self.caller, self.now);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
