//! EC2 `DescribeVolumeStatus`: nothing ever goes wrong with a volume of this world.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;

use super::describe_volumes::{OnInstance, VolumesInput};
use super::volume_xml::{attached, write_operator};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::Volume;
use crate::world::zone_id;
use crate::{Fault, World};

const STATUS_FILTERS: &[&str] = &[
    "action.code",
    "action.description",
    "action.event-id",
    "attachment-status.instance-id",
    "attachment-status.io-performance",
    "availability-zone",
    "event.description",
    "event.event-id",
    "event.event-type",
    "event.not-after",
    "event.not-before",
    "volume-status.details-name",
    "volume-status.details-status",
    "volume-status.status",
];

pub(crate) struct DescribeVolumeStatus;

pub(crate) struct DescribeVolumeStatusOutput {
    volumes: Vec<OnInstance>,
    ctx: Ctx,
    next_token: Option<String>,
}

impl Op for DescribeVolumeStatus {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumeStatus");
    type Input = VolumesInput;
    type Output = DescribeVolumeStatusOutput;
    paged!();

    fn decode(params: &Params) -> Result<VolumesInput, Fault> {
        VolumesInput::decode(params, STATUS_FILTERS)
    }

    fn run(world: &mut World, ctx: &Ctx, input: VolumesInput) -> Result<DescribeVolumeStatusOutput, Fault> {
        let page = input.page(world, ctx, Self::SPEC.name, |volume, instance| {
            input.filters.matches(&Tags::default(), |name, filter| match name {
                "availability-zone" => filter.takes(&volume.zone),
                "attachment-status.instance-id" => {
                    attached(volume, instance, ctx.now).is_some_and(|attached| filter.takes(&attached.instance))
                }
                "attachment-status.io-performance" => volume.attachment.is_some() && filter.takes(performance(volume)),
                "volume-status.status" => filter.takes(status(volume, ctx)),
                "volume-status.details-name" => details(volume, ctx).iter().any(|(name, _)| filter.takes(name)),
                "volume-status.details-status" => details(volume, ctx).iter().any(|(_, status)| filter.takes(status)),
                // There are no events and no actions.
                _ => false,
            })
        })?;
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        Ok(DescribeVolumeStatusOutput { volumes: page.items, ctx: ctx.clone(), next_token })
    }
}

fn status(volume: &Volume, ctx: &Ctx) -> &'static str {
    if volume.status(ctx.now) == "creating" { "insufficient-data" } else { "ok" }
}

/// Only volumes with provisioned IOPS tell of their performance.
fn performance(volume: &Volume) -> &'static str {
    if volume.volume_type.starts_with("io") { "normal" } else { "not-applicable" }
}

fn details(volume: &Volume, ctx: &Ctx) -> [(&'static str, &'static str); 3] {
    match status(volume, ctx) {
        "ok" => {
            [("io-enabled", "passed"), ("io-performance", performance(volume)), ("initialization-state", "completed")]
        }
        unknown => [("io-enabled", unknown), ("io-performance", unknown), ("initialization-state", "initializing")],
    }
}

impl Encode for DescribeVolumeStatusOutput {
    fn encode(&self, xml: &mut Xml) {
        let ctx = &self.ctx;
        xml.list("volumeStatusSet", "item", &self.volumes, |xml, (volume, instance)| {
            xml.text("volumeId", &volume.id);
            xml.text("availabilityZone", &volume.zone);
            xml.text("availabilityZoneId", zone_id(&ctx.region, &volume.zone));
            xml.element("volumeStatus", |xml| {
                xml.text("status", status(volume, ctx));
                xml.list("details", "item", details(volume, ctx), |xml, (name, status)| {
                    xml.text("name", name);
                    xml.text("status", status);
                });
            });
            xml.element("eventsSet", |_| {});
            xml.element("actionsSet", |_| {});
            xml.list("attachmentStatuses", "item", attached(volume, instance.as_deref(), ctx.now), |xml, attached| {
                xml.text("instanceId", &attached.instance);
                xml.text("ioPerformance", performance(volume));
            });
            write_operator(xml, instance.as_deref());
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
