//! EC2 `DescribeInstanceStatus`.

use amictl_cloud::{OperationSpec, Service};

use super::describe_instances::{DescribeInstancesInput, DescribeInstancesOutput};
use super::instance_xml::{Place, write_state};
use crate::filter::Filters;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, ShownState, zone_id};
use crate::{Fault, World};

const STATUS_FILTERS: &[&str] = &[
    "application-status.status",
    "attached-ebs-status.status",
    "availability-zone",
    "availability-zone-id",
    "event.code",
    "event.description",
    "event.instance-event-id",
    "event.not-after",
    "event.not-before",
    "event.not-before-deadline",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "operator.managed",
    "operator.principal",
    "system-status.reachability",
    "system-status.status",
    "tag-key",
];

pub(crate) struct DescribeInstanceStatus;

pub(crate) struct DescribeInstanceStatusInput {
    list: DescribeInstancesInput,
    all: bool,
}

pub(crate) struct DescribeInstanceStatusOutput(DescribeInstancesOutput);

impl Op for DescribeInstanceStatus {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceStatus");
    type Input = DescribeInstanceStatusInput;
    type Output = DescribeInstanceStatusOutput;

    fn token(input: &mut Self::Input) -> Option<&mut Option<String>> {
        Some(&mut input.list.token)
    }

    fn next_token(output: &mut Self::Output) -> Option<&mut Option<String>> {
        Some(&mut output.0.next_token)
    }

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let list = DescribeInstancesInput::decode(params, STATUS_FILTERS)?;
        Ok(DescribeInstanceStatusInput { list, all: params.flag("IncludeAllInstances")? })
    }

    fn run(
        world: &mut World,
        ctx: &Ctx,
        DescribeInstanceStatusInput { list, all }: Self::Input,
    ) -> Result<Self::Output, Fault> {
        let listed = list.list(world, ctx, Self::SPEC.name, |place, _, instance| {
            (all || instance.shown_state(ctx.now) == ShownState::Running) && matches(place, &list.filters, instance)
        });
        listed.map(DescribeInstanceStatusOutput)
    }
}

/// The status and the reachability of an instance and its host.
fn health(instance: &Instance, place: &Place) -> (&'static str, Option<&'static str>) {
    match instance.shown_state(place.now) {
        ShownState::Running => ("ok", Some("passed")),
        ShownState::Pending => ("initializing", Some("initializing")),
        _ => ("not-applicable", None),
    }
}

fn matches(place: &Place, filters: &Filters, instance: &Instance) -> bool {
    let (status, reachability) = health(instance, place);
    let state = instance.shown_state(place.now);
    filters.matches(&instance.tags, |name, filter| match name {
        "availability-zone" => filter.takes(&instance.zone),
        "availability-zone-id" => filter.takes(&zone_id(&place.region, &instance.zone)),
        "instance-state-code" => filter.takes_value(state.code()),
        "instance-state-name" => filter.takes(state.as_str()),
        "instance-status.reachability" | "system-status.reachability" => filter.takes_some(reachability),
        "instance-status.status" | "system-status.status" | "attached-ebs-status.status" => filter.takes(status),
        "operator.managed" => filter.takes_value(instance.hidden_for.is_some()),
        "operator.principal" => filter.takes_some(instance.hidden_for.as_ref()),
        _ => false,
    })
}

impl Encode for DescribeInstanceStatusOutput {
    fn encode(&self, xml: &mut Xml) {
        let DescribeInstancesOutput { instances, next_token, place } = &self.0;
        xml.list("instanceStatusSet", "item", instances, |xml, instance| {
            let (status, reachability) = health(instance, place);
            xml.text("instanceId", &instance.id);
            xml.text("availabilityZone", &instance.zone);
            xml.text("availabilityZoneId", zone_id(&place.region, &instance.zone));
            write_state(xml, "instanceState", instance.shown_state(place.now));
            for name in ["systemStatus", "instanceStatus", "attachedEbsStatus"] {
                xml.element(name, |xml| {
                    xml.text("status", status);
                    xml.list("details", "item", reachability, |xml, reachability| {
                        xml.text("name", "reachability");
                        xml.text("status", reachability);
                    });
                });
            }
        });
        xml.optional("nextToken", next_token.as_ref());
    }
}
