//! EC2 `DescribeNetworkInterfaces`: those of the instances, one each.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};

use crate::filter::Filters;
use crate::ops::instances::instance_xml::Place;
use crate::ops::instances::network_xml::{interface_id, write_interface};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, InstanceState, default_vpc};
use crate::{Fault, World};

const INTERFACE_FILTERS: &[&str] = &[
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "description",
    "group-id",
    "network-interface-id",
    "owner-id",
    "private-ip-address",
    "status",
    "subnet-id",
    "tag-key",
    "vpc-id",
];

pub(crate) struct DescribeNetworkInterfaces;

pub(crate) struct DescribeNetworkInterfacesInput {
    ids: Vec<String>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeNetworkInterfacesOutput {
    instances: Vec<Arc<Instance>>,
    next_token: Option<String>,
    place: Place,
}

impl Op for DescribeNetworkInterfaces {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeNetworkInterfaces");
    type Input = DescribeNetworkInterfacesInput;
    type Output = DescribeNetworkInterfacesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeNetworkInterfacesInput {
            ids: params.texts("NetworkInterfaceId")?,
            filters: Filters::decode(params, INTERFACE_FILTERS)?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let place = Place::of(ctx);
        let living = || scope.instances.values().filter(|instance| instance.state != InstanceState::Terminated);
        let is_there = |id: &String| living().any(|instance| interface_id(instance) == *id);
        if let Some(id) = input.ids.iter().find(|id| !is_there(id)) {
            let id: String = id.chars().take(100).collect();
            let message = format!("The networkInterface ID '{id}' does not exist");
            return Err(Fault::new("InvalidNetworkInterfaceID.NotFound", message));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let later = living()
            .filter(|instance| after.as_deref().is_none_or(|after| instance.id.as_str() > after))
            .map(|instance| (instance.id.clone(), instance));
        let page = page::fill(later, input.limit, |_, instance| {
            let is_asked_for = input.ids.is_empty() || input.ids.contains(&interface_id(instance));
            (is_asked_for && matches(&place, &input.filters, instance)).then(|| Arc::clone(instance))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        Ok(DescribeNetworkInterfacesOutput { instances: page.items, next_token, place })
    }
}

fn matches(place: &Place, filters: &Filters, instance: &Instance) -> bool {
    filters.matches(&amictl_model::Tags::default(), |name, filter| match name {
        "attachment.instance-id" => filter.takes(&instance.id),
        "attachment.status" => filter.takes("attached"),
        "availability-zone" => filter.takes(&instance.zone),
        "description" => filter.takes(""),
        "group-id" => place.group_ids(instance).iter().any(|group| filter.takes(group)),
        "network-interface-id" => filter.takes(&interface_id(instance)),
        "owner-id" => filter.takes_value(place.account),
        "private-ip-address" => filter.takes(&instance.private_ip),
        "status" => filter.takes("in-use"),
        "subnet-id" => filter.takes(&place.subnet(instance)),
        "vpc-id" => filter.takes(&default_vpc(place.account, &place.region)),
        _ => false,
    })
}

impl Encode for DescribeNetworkInterfacesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("networkInterfaceSet", "item", &self.instances, |xml, instance| {
            write_interface(xml, &self.place, instance, true);
            xml.text("availabilityZone", &instance.zone);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
