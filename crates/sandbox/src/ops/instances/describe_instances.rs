//! EC2 `DescribeInstances`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use compact_str::CompactString;

use super::instance_filter::{INSTANCE_FILTERS, matches};
use super::instance_xml::{Place, by_reservation, write_reservation};
use crate::filter::Filters;
use crate::ops::input::resource_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, Scope};
use crate::{Fault, World};

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
    pub(crate) place: Place,
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
        DescribeInstancesInput::decode(params, INSTANCE_FILTERS)
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeInstancesInput) -> Result<DescribeInstancesOutput, Fault> {
        input
            .list(world, ctx, Self::SPEC.name, |place, scope, instance| matches(place, scope, &input.filters, instance))
    }
}

impl DescribeInstancesInput {
    /// Reads what lists of instances are asked for, with these filters.
    pub(super) fn decode(params: &Params, filters: &[&str]) -> Result<Self, Fault> {
        let instances = instance_ids(params)?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?;
        if !instances.is_empty() && limit.is_some() {
            let message = "The parameter instancesSet cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(Self {
            instances,
            include_managed: params.flag("IncludeManagedResources")?,
            filters: Filters::decode(params, filters)?,
            limit,
            token: params.string("NextToken"),
        })
    }

    /// A page of an operation's list: of the instances that are asked for those that are taken.
    pub(super) fn list(
        &self,
        world: &mut World,
        ctx: &Ctx,
        operation: &str,
        takes: impl Fn(&Place, &Scope, &Instance) -> bool,
    ) -> Result<DescribeInstancesOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        require_all(ctx, scope, &self.instances)?;
        let after = self.token.as_deref().map(|token| page::key_of_token(ctx, operation, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let place = Place::of(ctx);
        let page = page::fill(scope.instances.range((start, Bound::Unbounded)), self.limit, |_, instance| {
            let is_asked_for = if self.instances.is_empty() {
                instance.hidden_for.is_none() || self.include_managed
            } else {
                self.instances.contains(&instance.id)
            };
            let is_taken = is_asked_for && instance.is_shown(ctx.now) && takes(&place, scope, instance);
            is_taken.then(|| Arc::clone(instance))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, operation, id));
        Ok(DescribeInstancesOutput { instances: page.items, next_token, place })
    }
}

/// `InstanceId.N`.
pub(super) fn instance_ids(params: &Params) -> Result<Vec<CompactString>, Fault> {
    params.texts("InstanceId")?.iter().map(|id| resource_id(id, "i-", "InvalidInstanceID.Malformed")).collect()
}

/// Fails whole when one of the ids is not there.
pub(crate) fn require_all(ctx: &Ctx, scope: &Scope, ids: &[CompactString]) -> Result<(), Fault> {
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

/// The caller's instance of this id.
pub(crate) fn instance(world: &World, ctx: &Ctx, id: &CompactString) -> Result<Arc<Instance>, Fault> {
    world
        .scope(ctx.account, &ctx.region)
        .and_then(|scope| scope.instances.get(id))
        .filter(|instance| instance.is_shown(ctx.now))
        .map(Arc::clone)
        .ok_or_else(|| Fault::new("InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist")))
}

impl Encode for DescribeInstancesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("reservationSet", "item", by_reservation(&self.instances), |xml, (id, instances)| {
            write_reservation(xml, &self.place, id, &instances);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn filters_take_what_is_shown() {
        let test = TestWorld::new();
        let image = test.image("web");
        test.ec2("CreateKeyPair", "KeyName=deploy");
        test.ec2(
            "RunInstances",
            &format!(
                "ImageId={image}&MinCount=1&MaxCount=1&KeyName=deploy&InstanceType=t3.micro&Monitoring.Enabled=true&\
                 Placement.AvailabilityZone=us-east-1b&MetadataOptions.HttpTokens=required&ClientToken=once&\
                 IamInstanceProfile.Name=app&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=app&\
                 TagSpecification.1.Tag.1.Value=web&InstanceMarketOptions.MarketType=spot"
            ),
        );
        test.ec2("RunInstances", &format!("ImageId={image}&MinCount=1&MaxCount=1"));
        for (name, value) in [
            ("key-name", "deploy"),
            ("instance-type", "t3.*"),
            ("monitoring-state", "enabled"),
            ("availability-zone", "us-east-1b"),
            ("availability-zone-id", "use1-az2"),
            ("metadata-options.http-tokens", "required"),
            ("client-token", "once"),
            ("iam-instance-profile.arn", "arn:aws:iam::123456789012:instance-profile/app"),
            ("tag:app", "web"),
            ("tag-value", "web"),
            ("instance-lifecycle", "spot"),
            ("spot-instance-request-id", "sir-*"),
        ] {
            let reply = test.ec2("DescribeInstances", &format!("Filter.1.Name={name}&Filter.1.Value.1={value}"));
            assert_eq!(reply.matches("<instanceId>").count(), 1, "{name}: {reply}");
        }
        for (name, value) in [
            ("image-id", image.as_str()),
            ("instance-state-name", "running"),
            ("instance.group-name", "default"),
            ("platform-details", "Linux/UNIX"),
            ("root-device-type", "ebs"),
            ("block-device-mapping.status", "attached"),
            ("network-interface.status", "in-use"),
            ("virtualization-type", "hvm"),
            ("tenancy", "default"),
        ] {
            let reply = test.ec2("DescribeInstances", &format!("Filter.1.Name={name}&Filter.1.Value.1={value}"));
            assert_eq!(reply.matches("<instanceId>").count(), 2, "{name}: {reply}");
        }
        let none = test.ec2("DescribeInstances", "Filter.1.Name=outpost-arn&Filter.1.Value.1=*");
        assert!(!none.contains("<instanceId>"));
        assert_eq!(test.code("DescribeInstances", "Filter.1.Name=colour&Filter.1.Value.1=x"), "InvalidParameterValue");
    }
}
