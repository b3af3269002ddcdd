//! EC2 `DescribeImageReferences`: what in the caller's account refers to images.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::ImageId;

use super::references::{Look, Place, ReferenceKind};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::{Fault, World};

/// Image ids that one call may name.
const IDS_MAX: usize = 10;
/// Versions of a launch template that are looked at unless asked otherwise.
const VERSION_DEPTH: u32 = 10;

pub(crate) struct DescribeImageReferences;

pub(crate) struct ReferencesInput {
    images: Vec<ImageId>,
    looks: Vec<Look>,
    limit: usize,
    token: Option<String>,
}

pub(crate) struct ReferencesOutput {
    references: Vec<Reference>,
    next_token: Option<String>,
}

struct Reference {
    image: ImageId,
    kind: ReferenceKind,
    arn: String,
}

impl Op for DescribeImageReferences {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageReferences");
    type Input = ReferencesInput;
    type Output = ReferencesOutput;
    paged!();

    fn further_actions(input: &ReferencesInput) -> Vec<&'static str> {
        input.looks.iter().flat_map(|look| look.kind.read_actions()).copied().collect()
    }

    fn decode(params: &Params) -> Result<ReferencesInput, Fault> {
        let mut images: Vec<ImageId> =
            params.texts("ImageId")?.iter().map(|id| image_id(id)).collect::<Result<_, _>>()?;
        if images.is_empty() {
            return Err(Fault::missing("ImageId"));
        }
        if images.len() > IDS_MAX {
            return Err(Fault::new("InvalidParameterValue", format!("At most {IDS_MAX} image ids can be specified")));
        }
        images.sort();
        images.dedup();
        Ok(ReferencesInput {
            images,
            looks: looks(params)?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=i64::MAX)?.unwrap_or(1000).min(1000),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ReferencesInput) -> Result<ReferencesOutput, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let place = Place { account: ctx.account, region: &ctx.region, scope, now: ctx.now, known_until: ctx.now };
        let mut references = Vec::new();
        for image in &input.images {
            for look in &input.looks {
                look.find(&place, image, |arn| {
                    references.push(Reference { image: image.clone(), kind: look.kind, arn });
                });
            }
        }
        let mut entries: Vec<(String, Reference)> = references
            .into_iter()
            .map(|reference| (format!("{}/{}", reference.image, reference.arn), reference))
            .collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.retain(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let page = page::fill(entries.into_iter(), Some(input.limit), |_, reference| Some(reference));
        let next_token = page.next.map(|key| page::token_after(ctx, Self::SPEC.name, &key));
        Ok(ReferencesOutput { references: page.items, next_token })
    }
}

/// What to look at: what is named, and with `IncludeAllResourceTypes` the rest with its defaults.
fn looks(params: &Params) -> Result<Vec<Look>, Fault> {
    let named = params.structures("ResourceType")?;
    let mut looks: Vec<Look> =
        named.into_iter().map(|params| Look::decode(params, VERSION_DEPTH)).collect::<Result<_, _>>()?;
    let mut kinds: Vec<ReferenceKind> = looks.iter().map(|look| look.kind).collect();
    if params.flag("IncludeAllResourceTypes")? {
        let rest = ReferenceKind::ALL.into_iter().filter(|kind| !kinds.contains(kind));
        looks.extend(rest.map(|kind| Look::new(kind, VERSION_DEPTH)));
    } else if looks.is_empty() {
        return Err(Fault::missing("IncludeAllResourceTypes or ResourceType"));
    }
    kinds.sort();
    if kinds.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Fault::new("InvalidParameterValue", "A resource type can be specified only once"));
    }
    Ok(looks)
}

impl Encode for ReferencesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("imageReferenceSet", "item", &self.references, |xml, reference| {
            xml.text("imageId", &reference.image);
            xml.text("resourceType", reference.kind.as_str());
            xml.text("arn", &reference.arn);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
