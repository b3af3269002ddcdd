//! EC2 `DescribeInstanceImageMetadata`: which image each instance was launched from, also when that is gone.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, ImageState, Moment, Region};
use compact_str::CompactString;

use super::create_image::find_or_gone;
use super::viewer::Viewer;
use crate::filter::{Filter, Filters};
use crate::ops::input::resource_id;
use crate::ops::instances::describe_instances::require_all;
use crate::ops::instances::instance_xml::write_state;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Image, Instance, zone_id};
use crate::{Fault, World};

const FILTERS: &[&str] = &[
    "availability-zone",
    "image-allowed",
    "instance-id",
    "instance-state-name",
    "instance-type",
    "launch-time",
    "owner-alias",
    "owner-id",
    "tag-key",
    "zone-id",
];

pub(crate) struct DescribeInstanceImageMetadata;

pub(crate) struct MetadataInput {
    instances: Vec<CompactString>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct MetadataOutput {
    entries: Vec<Entry>,
    account: AccountId,
    region: Region,
    now: Moment,
    next_token: Option<String>,
}

struct Entry {
    instance: Arc<Instance>,
    image: Option<Arc<Image>>,
    image_state: ImageState,
    allowed: Option<bool>,
}

impl Op for DescribeInstanceImageMetadata {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceImageMetadata");
    type Input = MetadataInput;
    type Output = MetadataOutput;
    paged!();

    fn decode(params: &Params) -> Result<MetadataInput, Fault> {
        let instances: Vec<CompactString> = params
            .texts("InstanceId")?
            .iter()
            .map(|id| resource_id(id, "i-", "InvalidInstanceID.Malformed"))
            .collect::<Result<_, _>>()?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 1..=1000)?;
        if !instances.is_empty() && limit.is_some() {
            let message = "The parameter instancesSet cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(MetadataInput {
            instances,
            filters: Filters::decode(params, FILTERS)?,
            limit,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: MetadataInput) -> Result<MetadataOutput, Fault> {
        require_all(ctx, world.scope_mut(ctx.account, &ctx.region), &input.instances)?;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let world = &*world;
        let instances = world
            .scope(ctx.account, &ctx.region)
            .into_iter()
            .flat_map(|scope| scope.instances.range((start.clone(), Bound::Unbounded)));
        let page = page::fill(instances, input.limit, |_, instance| {
            let is_asked_for = input.instances.is_empty() || input.instances.contains(&instance.id);
            if !is_asked_for || !instance.is_shown(ctx.now) {
                return None;
            }
            let entry = entry(world, ctx, instance);
            let takes = input.filters.matches(&instance.tags, |name, filter| field_matches(ctx, &entry, name, filter));
            takes.then_some(entry)
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(MetadataOutput {
            entries: page.items,
            account: ctx.account,
            region: ctx.region.clone(),
            now: ctx.now,
            next_token,
        })
    }
}

fn entry(world: &World, ctx: &Ctx, instance: &Arc<Instance>) -> Entry {
    let image = find_or_gone(world, ctx, &instance.image).cloned();
    Entry {
        instance: Arc::clone(instance),
        image_state: image.as_ref().map_or(ImageState::Deregistered, |image| image.state_at(ctx.now)),
        allowed: image.as_ref().and_then(|image| Viewer::new(world, ctx).allowed(image)),
        image,
    }
}

fn field_matches(ctx: &Ctx, entry: &Entry, name: &str, filter: &Filter) -> bool {
    let instance = &entry.instance;
    match name {
        "availability-zone" => filter.takes(&instance.zone),
        "image-allowed" => filter.takes_value(entry.allowed.unwrap_or(true)),
        "instance-id" => filter.takes(&instance.id),
        "instance-state-name" => filter.takes(instance.shown_state(ctx.now).as_str()),
        "instance-type" => filter.takes(&instance.instance_type),
        "launch-time" => filter.takes(&wire_time(instance.launched_at)),
        "owner-alias" => filter.takes_some(entry.image.as_ref().and_then(|image| image.owner_alias())),
        "owner-id" => filter.takes_value(ctx.account),
        "zone-id" => filter.takes(&zone_id(&ctx.region, &instance.zone)),
        _ => false,
    }
}

impl Encode for MetadataOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("instanceImageMetadataSet", "item", &self.entries, |xml, entry| {
            let instance = &entry.instance;
            xml.text("instanceId", &instance.id);
            xml.text("instanceType", &instance.instance_type);
            xml.time("launchTime", instance.launched_at);
            xml.text("availabilityZone", &instance.zone);
            xml.text("zoneId", zone_id(&self.region, &instance.zone));
            write_state(xml, "instanceState", instance.shown_state(self.now));
            xml.value("instanceOwnerId", self.account);
            xml.tag_set(&instance.tags);
            xml.element("imageMetadata", |xml| write_metadata(xml, entry));
            if let Some(principal) = &instance.hidden_for {
                xml.element("operator", |xml| {
                    xml.value("managed", true);
                    xml.text("principal", principal);
                });
            }
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

fn write_metadata(xml: &mut Xml, entry: &Entry) {
    xml.text("imageId", &entry.instance.image);
    xml.text("imageState", entry.image_state.as_str());
    if let Some(image) = &entry.image {
        xml.text("name", &image.name);
        xml.value("imageOwnerId", image.owner);
        xml.optional("imageOwnerAlias", image.owner_alias());
        xml.time("creationDate", image.created_at);
        xml.optional("deprecationTime", image.deprecation().map(wire_time));
        xml.value("isPublic", image.is_public());
    }
    if let Some(allowed) = entry.allowed {
        xml.value("imageAllowed", allowed);
    }
}
