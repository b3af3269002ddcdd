//! EC2 `DescribeAccountAttributes`.

use amictl_cloud::{OperationSpec, Service};

use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::default_vpc;
use crate::{Fault, World};

/// The attributes that AWS answers.
const ATTRIBUTES: &[&str] = &[
    "supported-platforms",
    "vpc-max-security-groups-per-interface",
    "max-elastic-ips",
    "max-instances",
    "vpc-max-elastic-ips",
    "default-vpc",
];

pub(crate) struct DescribeAccountAttributes;

pub(crate) struct DescribeAccountAttributesOutput(Vec<(&'static str, String)>);

impl Op for DescribeAccountAttributes {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeAccountAttributes");
    type Input = Vec<String>;
    type Output = DescribeAccountAttributesOutput;

    fn decode(params: &Params) -> Result<Vec<String>, Fault> {
        let names = params.texts("AttributeName")?;
        match names.iter().find(|name| !ATTRIBUTES.contains(&name.as_str())) {
            Some(name) => Err(Fault::invalid_value("attributeName", name)),
            None => Ok(names),
        }
    }

    fn run(_: &mut World, ctx: &Ctx, names: Vec<String>) -> Result<Self::Output, Fault> {
        let value = |name: &str| match name {
            "supported-platforms" => "VPC".to_owned(),
            "default-vpc" => default_vpc(ctx.account, &ctx.region),
            "max-instances" => "20".to_owned(),
            _ => "5".to_owned(),
        };
        let asked = ATTRIBUTES.iter().filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == *name));
        Ok(DescribeAccountAttributesOutput(asked.map(|name| (*name, value(name))).collect()))
    }
}

impl Encode for DescribeAccountAttributesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("accountAttributeSet", "item", &self.0, |xml, (name, value)| {
            xml.text("attributeName", name);
            xml.list("attributeValueSet", "item", [value], |xml, value| xml.text("attributeValue", value));
        });
    }
}
