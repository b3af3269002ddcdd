//! EC2 `DescribeVolumes`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::volume_xml::{status, write_volume};
use super::volumes::no_volume;
use crate::filter::Filters;
use crate::ops::input::resource_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::Volume;
use crate::{Fault, World};

const VOLUME_FILTERS: &[&str] = &[
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "create-time",
    "encrypted",
    "size",
    "snapshot-id",
    "status",
    "tag-key",
    "volume-id",
    "volume-type",
];

pub(crate) struct DescribeVolumes;

pub(crate) struct DescribeVolumesInput {
    volumes: Vec<CompactString>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeVolumesOutput {
    volumes: Vec<Arc<Volume>>,
    next_token: Option<String>,
}

impl Op for DescribeVolumes {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumes");
    type Input = DescribeVolumesInput;
    type Output = DescribeVolumesOutput;
    paged!();

    fn is_unbounded(input: &DescribeVolumesInput) -> bool {
        input.volumes.is_empty() && input.filters.is_empty() && input.limit.is_none()
    }

    fn decode(params: &Params) -> Result<DescribeVolumesInput, Fault> {
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
        Ok(DescribeVolumesInput {
            volumes,
            filters: Filters::decode(params, VOLUME_FILTERS)?,
            limit: limit.map(|limit| limit.min(1000)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeVolumesInput) -> Result<DescribeVolumesOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(id) = input.volumes.iter().find(|id| !scope.volumes.contains_key(*id)) {
            return Err(no_volume(id));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let page = page::fill(scope.volumes.range((start, Bound::Unbounded)), input.limit, |_, volume| {
            let is_asked_for = input.volumes.is_empty() || input.volumes.contains(&volume.id);
            (is_asked_for && matches(&input.filters, volume)).then(|| Arc::clone(volume))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeVolumesOutput { volumes: page.items, next_token })
    }
}

fn matches(filters: &Filters, volume: &Volume) -> bool {
    filters.matches(&volume.tags, |name, filter| match name {
        "attachment.device" => filter.takes_some(volume.attachment.as_ref().map(|(_, device)| device)),
        "attachment.instance-id" => filter.takes_some(volume.attachment.as_ref().map(|(instance, _)| instance)),
        "attachment.status" => volume.attachment.is_some() && filter.takes("attached"),
        "availability-zone" => filter.takes(&volume.zone),
        "create-time" => filter.takes(&wire_time(volume.created_at)),
        "encrypted" => filter.takes_value(volume.encrypted),
        "size" => filter.takes_value(volume.size_gib),
        "snapshot-id" => filter.takes_some(volume.snapshot.as_ref()),
        "status" => filter.takes(status(volume)),
        "volume-id" => filter.takes(&volume.id),
        "volume-type" => filter.takes(&volume.volume_type),
        _ => false,
    })
}

impl Encode for DescribeVolumesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("volumeSet", "item", &self.volumes, |xml, volume| write_volume(xml, volume));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
