//! EC2 `DescribeVpcs` and `DescribeSubnets`: the default VPC and its subnets.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, Tags};

use crate::filter::Filters;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{default_subnet, default_vpc, zones};
use crate::{Fault, World};

pub(crate) struct NetworkInput {
    ids: Vec<String>,
    filters: Filters,
}

pub(crate) struct DescribeVpcs;

pub(crate) struct DescribeVpcsOutput {
    owner: AccountId,
    vpcs: Vec<String>,
}

impl Op for DescribeVpcs {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVpcs");
    type Input = NetworkInput;
    type Output = DescribeVpcsOutput;

    fn decode(params: &Params) -> Result<NetworkInput, Fault> {
        let names = ["cidr", "is-default", "isDefault", "owner-id", "state", "vpc-id", "tag-key"];
        Ok(NetworkInput { ids: params.texts("VpcId")?, filters: Filters::decode(params, &names)? })
    }

    fn run(_: &mut World, ctx: &Ctx, input: NetworkInput) -> Result<DescribeVpcsOutput, Fault> {
        let vpc = default_vpc(ctx.account, &ctx.region);
        if let Some(id) = input.ids.iter().find(|id| **id != vpc) {
            return Err(missing("InvalidVpcID.NotFound", "vpc", id));
        }
        let takes = input.filters.matches(&Tags::default(), |name, filter| match name {
            "cidr" => filter.takes("172.31.0.0/16"),
            "is-default" | "isDefault" => filter.takes("true"),
            "owner-id" => filter.takes_value(ctx.account),
            "state" => filter.takes("available"),
            _ => filter.takes(&vpc),
        });
        Ok(DescribeVpcsOutput { owner: ctx.account, vpcs: if takes { vec![vpc] } else { Vec::new() } })
    }
}

impl Encode for DescribeVpcsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("vpcSet", "item", &self.vpcs, |xml, vpc| {
            xml.text("vpcId", vpc);
            xml.value("ownerId", self.owner);
            xml.text("state", "available");
            xml.text("cidrBlock", "172.31.0.0/16");
            xml.text("dhcpOptionsId", "dopt-00000001");
            xml.text("instanceTenancy", "default");
            xml.value("isDefault", true);
        });
    }
}

pub(crate) struct DescribeSubnets;

pub(crate) struct DescribeSubnetsOutput {
    owner: AccountId,
    vpc: String,
    subnets: Vec<Subnet>,
}

struct Subnet {
    id: String,
    zone: String,
    cidr: String,
}

impl Op for DescribeSubnets {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSubnets");
    type Input = NetworkInput;
    type Output = DescribeSubnetsOutput;

    fn decode(params: &Params) -> Result<NetworkInput, Fault> {
        let names = [
            "availability-zone",
            "availabilityZone",
            "default-for-az",
            "defaultForAz",
            "owner-id",
            "state",
            "subnet-id",
            "tag-key",
            "vpc-id",
        ];
        Ok(NetworkInput { ids: params.texts("SubnetId")?, filters: Filters::decode(params, &names)? })
    }

    fn run(_: &mut World, ctx: &Ctx, input: NetworkInput) -> Result<DescribeSubnetsOutput, Fault> {
        let vpc = default_vpc(ctx.account, &ctx.region);
        let mut subnets: Vec<Subnet> = zones(&ctx.region)
            .into_iter()
            .zip([0, 16, 32])
            .map(|(zone, third)| Subnet {
                id: default_subnet(ctx.account, &zone),
                zone,
                cidr: format!("172.31.{third}.0/20"),
            })
            .collect();
        if let Some(id) = input.ids.iter().find(|id| !subnets.iter().any(|subnet| subnet.id == **id)) {
            return Err(missing("InvalidSubnetID.NotFound", "subnet", id));
        }
        subnets.retain(|subnet| {
            (input.ids.is_empty() || input.ids.contains(&subnet.id))
                && input.filters.matches(&Tags::default(), |name, filter| match name {
                    "availability-zone" | "availabilityZone" => filter.takes(&subnet.zone),
                    "default-for-az" | "defaultForAz" => filter.takes("true"),
                    "owner-id" => filter.takes_value(ctx.account),
                    "state" => filter.takes("available"),
                    "subnet-id" => filter.takes(&subnet.id),
                    _ => filter.takes(&vpc),
                })
        });
        Ok(DescribeSubnetsOutput { owner: ctx.account, vpc, subnets })
    }
}

impl Encode for DescribeSubnetsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("subnetSet", "item", &self.subnets, |xml, subnet| {
            xml.text("subnetId", &subnet.id);
            xml.text("state", "available");
            xml.value("ownerId", self.owner);
            xml.text("vpcId", &self.vpc);
            xml.text("cidrBlock", &subnet.cidr);
            xml.value("availableIpAddressCount", 4091);
            xml.text("availabilityZone", &subnet.zone);
            xml.value("defaultForAz", true);
            xml.value("mapPublicIpOnLaunch", true);
        });
    }
}

fn missing(code: &'static str, what: &str, id: &str) -> Fault {
    let id: String = id.chars().take(100).collect();
    Fault::new(code, format!("The {what} ID '{id}' does not exist"))
}
