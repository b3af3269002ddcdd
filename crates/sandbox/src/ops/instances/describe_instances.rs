//! EC2 `DescribeInstances`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use compact_str::CompactString;

use super::instance_xml::{Place, by_reservation, write_reservation};
use crate::filter::Filters;
use crate::ops::input::resource_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Instance, default_subnet, default_vpc};
use crate::{Fault, World};

const INSTANCE_FILTERS: &[&str] = &[
    "architecture",
    "availability-zone",
    "block-device-mapping.device-name",
    "block-device-mapping.volume-id",
    "image-id",
    "instance-id",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "key-name",
    "launch-time",
    "operator.managed",
    "operator.principal",
    "owner-id",
    "private-ip-address",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "subnet-id",
    "tag-key",
    "vpc-id",
];

pub(crate) struct DescribeInstances;

#[derive(Default)]
pub(crate) struct DescribeInstancesInput {
    pub(crate) instances: Vec<CompactString>,
    pub(crate) include_managed: bool,
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeInstancesOutput {
    pub(crate) instances: Vec<Arc<Instance>>,
    pub(crate) next_token: Option<String>,
    place: Place,
}

impl Op for DescribeInstances {
    const SPEC: OperationSpec = <ops::DescribeInstances as Operation>::SPEC;
    type Input = DescribeInstancesInput;
    type Output = DescribeInstancesOutput;
    paged!();

    fn is_unbounded(input: &DescribeInstancesInput) -> bool {
        input.instances.is_empty() && input.filters.is_empty() && input.limit.is_none()
    }

    fn decode(params: &Params) -> Result<DescribeInstancesInput, Fault> {
        let instances: Vec<CompactString> = params
            .texts("InstanceId")?
            .iter()
            .map(|id| resource_id(id, "i-", "InvalidInstanceID.Malformed"))
            .collect::<Result<_, _>>()?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?;
        if !instances.is_empty() && limit.is_some() {
            let message = "The parameter instancesSet cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeInstancesInput {
            instances,
            include_managed: params.flag("IncludeManagedResources")?,
            filters: Filters::decode(params, INSTANCE_FILTERS)?,
            limit,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeInstancesInput) -> Result<DescribeInstancesOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        require_all(ctx, scope, &input.instances)?;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let page = page::fill(scope.instances.range((start, Bound::Unbounded)), input.limit, |_, instance| {
            let is_asked_for = if input.instances.is_empty() {
                instance.hidden_for.is_none() || input.include_managed
            } else {
                input.instances.contains(&instance.id)
            };
            let takes = is_asked_for && instance.is_shown(ctx.now) && matches(ctx, &input.filters, instance);
            takes.then(|| Arc::clone(instance))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        let place = Place { account: ctx.account, region: ctx.region.clone() };
        Ok(DescribeInstancesOutput { instances: page.items, next_token, place })
    }
}

/// Fails whole when one of the ids is not there.
pub(crate) fn require_all(ctx: &Ctx, scope: &crate::world::Scope, ids: &[CompactString]) -> Result<(), Fault> {
    let is_there = |id: &CompactString| scope.instances.get(id).is_some_and(|instance| instance.is_shown(ctx.now));
    let missing: Vec<&str> = ids.iter().filter(|id| !is_there(id)).map(CompactString::as_str).collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(Fault::new("InvalidInstanceID.NotFound", format!("The instance ID '{one}' does not exist"))),
        many => Err(Fault::new(
            "InvalidInstanceID.NotFound",
            format!("The instance IDs '{}' do not exist", many.join(", ")),
        )),
    }
}

fn matches(ctx: &Ctx, filters: &Filters, instance: &Instance) -> bool {
    filters.matches(&instance.tags, |name, filter| match name {
        "architecture" => filter.takes(&instance.architecture),
        "availability-zone" => filter.takes(&instance.zone),
        "block-device-mapping.device-name" => instance.devices.iter().any(|device| filter.takes(&device.name)),
        "block-device-mapping.volume-id" => instance.devices.iter().any(|device| filter.takes(&device.volume)),
        "image-id" => filter.takes(instance.image.as_str()),
        "instance-id" => filter.takes(&instance.id),
        "instance-state-code" => filter.takes_value(instance.state.code()),
        "instance-state-name" => filter.takes(instance.state.as_str()),
        "instance-type" => filter.takes(&instance.instance_type),
        "key-name" => filter.takes_some(instance.key_name.as_ref()),
        "launch-time" => filter.takes(&wire_time(instance.launched_at)),
        "operator.managed" => filter.takes_value(instance.hidden_for.is_some()),
        "operator.principal" => filter.takes_some(instance.hidden_for.as_ref()),
        "owner-id" => filter.takes_value(ctx.account),
        "private-ip-address" => filter.takes(&instance.private_ip),
        "reservation-id" => filter.takes(&instance.reservation),
        "root-device-name" => filter.takes_some(instance.root_device_name.as_ref()),
        "root-device-type" => filter.takes(if instance.root_device_name.is_some() { "ebs" } else { "instance-store" }),
        "subnet-id" => filter.takes(&default_subnet(ctx.account, &instance.zone)),
        "vpc-id" => filter.takes(&default_vpc(ctx.account, &ctx.region)),
        _ => false,
    })
}

impl Encode for DescribeInstancesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("reservationSet", "item", by_reservation(&self.instances), |xml, (id, instances)| {
            write_reservation(xml, &self.place, id, &instances);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
