//! EC2 `DescribeVolumes`: those of instances that another service manages are left out unless asked for.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::own_volume::no_volume;
use super::volume_xml::{attached, instance_of, write_volume};
use crate::filter::{Filter, Filters};
use crate::ops::input::resource_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::zone_id;
use crate::world::{Instance, Volume};
use crate::{Fault, World};

const VOLUME_FILTERS: &[&str] = &[
    "attachment.attach-time",
    "attachment.delete-on-termination",
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "create-time",
    "encrypted",
    "fast-restored",
    "multi-attach-enabled",
    "operator.managed",
    "operator.principal",
    "size",
    "snapshot-id",
    "status",
    "tag-key",
    "volume-id",
    "volume-type",
];

pub(crate) struct DescribeVolumes;

/// A volume with the instance that it is attached to.
pub(super) type OnInstance = (Arc<Volume>, Option<Arc<Instance>>);

/// What is asked of a listing of volumes.
pub(crate) struct VolumesInput {
    pub(super) volumes: Vec<CompactString>,
    pub(super) includes_managed: bool,
    pub(super) filters: Filters,
    pub(super) limit: Option<usize>,
    pub(super) token: Option<String>,
}

pub(crate) struct DescribeVolumesOutput {
    volumes: Vec<OnInstance>,
    ctx: Ctx,
    next_token: Option<String>,
}

impl VolumesInput {
    /// Reads the parameters that all listings of volumes take; `filters` are those that this one knows.
    pub(super) fn decode(params: &Params, filters: &[&str]) -> Result<Self, Fault> {
        let volumes: Vec<CompactString> = params
            .texts("VolumeId")?
            .iter()
            .map(|id| resource_id(id, "vol-", "InvalidVolumeID.Malformed"))
            .collect::<Result<_, _>>()?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 5..=i64::MAX)?;
        if !volumes.is_empty() && limit.is_some() {
            let message = "The parameter volumeSet cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(Self {
            volumes,
            includes_managed: params.flag("IncludeManagedResources")?,
            filters: Filters::decode(params, filters)?,
            limit: limit.map(|limit| limit.min(1000)),
            token: params.string("NextToken"),
        })
    }

    /// A page of the volumes that are asked for and that `takes` takes, each with its instance.
    pub(super) fn page(
        &self,
        world: &World,
        ctx: &Ctx,
        operation: &str,
        takes: impl Fn(&Volume, Option<&Instance>) -> bool,
    ) -> Result<page::Page<String, OnInstance>, Fault> {
        let after = self.token.as_deref().map(|token| page::key_of_token(ctx, operation, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let Some(scope) = world.scope(ctx.account, &ctx.region) else {
            return match self.volumes.first() {
                Some(id) => Err(no_volume(id)),
                None => Ok(page::Page { items: Vec::new(), next: None }),
            };
        };
        if let Some(id) = self.volumes.iter().find(|id| !scope.volumes.contains_key(*id)) {
            return Err(no_volume(id));
        }
        let page = page::fill(scope.volumes.range((start, Bound::Unbounded)), self.limit, |_, volume| {
            let is_asked_for = self.volumes.is_empty() || self.volumes.contains(&volume.id);
            let instance = instance_of(scope, volume);
            let is_hidden = instance.is_some_and(|instance| instance.hidden_for.is_some());
            let shown = is_asked_for && (!is_hidden || self.includes_managed) && takes(volume, instance);
            shown.then(|| (Arc::clone(volume), instance.map(|instance| Arc::new(instance.clone()))))
        });
        Ok(page::Page { items: page.items, next: page.next.map(ToString::to_string) })
    }
}

impl Op for DescribeVolumes {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumes");
    type Input = VolumesInput;
    type Output = DescribeVolumesOutput;
    paged!();

    fn is_unbounded(input: &VolumesInput) -> bool {
        input.volumes.is_empty() && input.filters.is_empty() && input.limit.is_none()
    }

    fn decode(params: &Params) -> Result<VolumesInput, Fault> {
        VolumesInput::decode(params, VOLUME_FILTERS)
    }

    fn run(world: &mut World, ctx: &Ctx, input: VolumesInput) -> Result<DescribeVolumesOutput, Fault> {
        let page = input.page(world, ctx, Self::SPEC.name, |volume, instance| {
            input.filters.matches(&volume.tags, |name, filter| takes(filter, name, volume, instance, ctx))
        })?;
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        Ok(DescribeVolumesOutput { volumes: page.items, ctx: ctx.clone(), next_token })
    }
}

fn takes(filter: &Filter, name: &str, volume: &Volume, instance: Option<&Instance>, ctx: &Ctx) -> bool {
    let more = volume.more.as_deref();
    let principal = instance.and_then(|instance| instance.hidden_for.as_ref());
    match name {
        "availability-zone" => filter.takes(&volume.zone),
        "availability-zone-id" => filter.takes(&zone_id(&ctx.region, &volume.zone)),
        "create-time" => filter.takes(&wire_time(volume.created_at)),
        "encrypted" => filter.takes_value(volume.encrypted),
        "fast-restored" => filter.takes_value(more.is_some_and(|more| more.fast_restored)),
        "multi-attach-enabled" => filter.takes_value(more.is_some_and(|more| more.multi_attach)),
        "operator.managed" => filter.takes_value(principal.is_some()),
        "operator.principal" => filter.takes_some(principal),
        "size" => filter.takes_value(volume.size_gib),
        "snapshot-id" => filter.takes_some(volume.snapshot.as_ref()),
        "status" => filter.takes(volume.status(ctx.now)),
        "volume-id" => filter.takes(&volume.id),
        "volume-type" => filter.takes(&volume.volume_type),
        name => attached(volume, instance, ctx.now).is_some_and(|attached| match name {
            "attachment.attach-time" => filter.takes(&wire_time(attached.since)),
            "attachment.delete-on-termination" => filter.takes_value(attached.delete_on_termination),
            "attachment.device" => filter.takes(&attached.device),
            "attachment.instance-id" => filter.takes(&attached.instance),
            "attachment.status" => filter.takes(&attached.state),
            _ => false,
        }),
    }
}

impl Encode for DescribeVolumesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("volumeSet", "item", &self.volumes, |xml, (volume, instance)| {
            write_volume(xml, volume, instance.as_deref(), &self.ctx);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
