//! EC2 `DescribeInstanceStatus`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::describe_instances::{instance_ids, require_all};
use super::instance_xml::{Place, write_state};
use crate::filter::Filters;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
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
    instances: Vec<CompactString>,
    all: bool,
    include_managed: bool,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeInstanceStatusOutput {
    instances: Vec<Arc<Instance>>,
    next_token: Option<String>,
    place: Place,
}

impl Op for DescribeInstanceStatus {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceStatus");
    type Input = DescribeInstanceStatusInput;
    type Output = DescribeInstanceStatusOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let instances = instance_ids(params)?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?;
        if !instances.is_empty() && limit.is_some() {
            let message = "The parameter instancesSet cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeInstanceStatusInput {
            instances,
            all: params.flag("IncludeAllInstances")?,
            include_managed: params.flag("IncludeManagedResources")?,
            filters: Filters::decode(params, STATUS_FILTERS)?,
            limit,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        require_all(ctx, scope, &input.instances)?;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let place = Place::of(ctx);
        let page = page::fill(scope.instances.range((start, Bound::Unbounded)), input.limit, |_, instance| {
            let is_asked_for = if input.instances.is_empty() {
                instance.hidden_for.is_none() || input.include_managed
            } else {
                input.instances.contains(&instance.id)
            };
            let is_running = instance.shown_state(ctx.now) == ShownState::Running;
            let takes = is_asked_for
                && (input.all || is_running)
                && instance.is_shown(ctx.now)
                && matches(&place, &input.filters, instance);
            takes.then(|| Arc::clone(instance))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeInstanceStatusOutput { instances: page.items, next_token, place })
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
        xml.list("instanceStatusSet", "item", &self.instances, |xml, instance| {
            let (status, reachability) = health(instance, &self.place);
            xml.text("instanceId", &instance.id);
            xml.text("availabilityZone", &instance.zone);
            xml.text("availabilityZoneId", zone_id(&self.place.region, &instance.zone));
            write_state(xml, "instanceState", instance.shown_state(self.place.now));
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
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
