//! EC2 `RequestSpotFleet`, `DescribeSpotFleetRequests`, `DescribeSpotFleetInstances` and `ModifySpotFleetRequest`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Tags};
use compact_str::CompactString;

use super::create_fleet::fleet_id;
use super::describe_fleets::{FleetInstancesInput, FleetInstancesOutput, ShownFleet, active_instances};
use super::fleet_input::{capacity, configs, launch_specifications, of_specification};
use super::fleet_launch::fill;
use super::fleet_xml::write_spot_fleet;
use crate::filter::Filters;
use crate::ops::input::{other_id, tag_specification};
use crate::ops::instances::launch_spec::LaunchSpec;
use crate::ops::instances::prepare::prepare;
use crate::ops::paged;
use crate::ops::{Ctx, Done, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::Fleet;
use crate::{Fault, World};

/// A Spot Fleet's id.
pub(super) fn decode_id(id: &str) -> Result<CompactString, Fault> {
    let digits: String = id.chars().filter(|character| *character != '-').collect();
    other_id(&digits, "sfr", "InvalidSpotFleetRequestId.Malformed").map(|_| id.into())
}

pub(super) fn no_request(id: &str) -> Fault {
    let message = format!("The spot fleet request ID '{id}' does not exist");
    Fault::new("InvalidSpotFleetRequestId.NotFound", message)
}

fn spot_fleet(world: &World, ctx: &Ctx, id: &CompactString) -> Result<Arc<Fleet>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    let fleet = scope.and_then(|scope| scope.fleets.get(id)).filter(|fleet| fleet.is_spot_fleet());
    fleet.map(Arc::clone).ok_or_else(|| no_request(id))
}

pub(crate) struct RequestSpotFleet;

pub(crate) struct RequestSpotFleetInput {
    request: Params,
    kind: String,
    target: u32,
    on_demand: u32,
    tags: Tags,
}

pub(crate) struct SpotFleetId(CompactString);

impl Op for RequestSpotFleet {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RequestSpotFleet");
    type Input = RequestSpotFleetInput;
    type Output = SpotFleetId;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let request =
            params.structure("SpotFleetRequestConfig").ok_or_else(|| Fault::missing("SpotFleetRequestConfig"))?;
        request.required("IamFleetRole")?;
        let kind = request.string("Type").unwrap_or_else(|| "maintain".to_owned());
        if !["request", "maintain"].contains(&kind.as_str()) {
            return Err(Fault::invalid_value("SpotFleetRequestConfig.Type", &kind));
        }
        let (specifications, configs) = (launch_specifications(request)?, request.structures("LaunchTemplateConfigs")?);
        if specifications.is_empty() == configs.is_empty() {
            let message = "Exactly one of LaunchSpecifications and LaunchTemplateConfigs must be specified.";
            return Err(Fault::new("InvalidSpotFleetRequestConfig", message));
        }
        request.moment("ValidFrom")?;
        request.moment("ValidUntil")?;
        let target = capacity(request, "TargetCapacity")?.ok_or_else(|| Fault::missing("TargetCapacity"))?;
        let on_demand = capacity(request, "OnDemandTargetCapacity")?.unwrap_or(0);
        if on_demand > target {
            return Err(Fault::invalid_value("OnDemandTargetCapacity", &on_demand.to_string()));
        }
        Ok(RequestSpotFleetInput {
            tags: tag_specification(request, "spot-fleet-request")?,
            request: request.clone(),
            kind,
            target,
            on_demand,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<SpotFleetId, Fault> {
        let configs = configs(world, ctx, &input.request.structures("LaunchTemplateConfigs")?)?;
        // Launch specifications are looked up at once, as AWS does.
        for specification in launch_specifications(&input.request)? {
            prepare(world, ctx, LaunchSpec::decode(&of_specification(specification))?, 1)?;
        }
        ctx.commit()?;
        let mut fleet = Fleet {
            id: fleet_id(world, "sfr-"),
            created_at: ctx.now,
            kind: input.kind.into(),
            target: input.target,
            on_demand: input.on_demand,
            configs,
            request: input.request,
            members: Vec::new(),
            errors: Vec::new(),
            settled_at: ctx.now,
            ended: None,
            tags: input.tags,
        };
        fill(world, ctx, &mut fleet);
        let id = fleet.id.clone();
        world.scope_mut(ctx.account, &ctx.region).fleets.insert(id.clone(), Arc::new(fleet));
        Ok(SpotFleetId(id))
    }
}

impl Encode for SpotFleetId {
    fn encode(&self, xml: &mut Xml) {
        xml.text("spotFleetRequestId", &self.0);
    }
}

pub(crate) struct ModifySpotFleetRequest;

impl Op for ModifySpotFleetRequest {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifySpotFleetRequest");
    type Input = (CompactString, Option<u32>, Option<u32>);
    type Output = Done;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let id = decode_id(params.required("SpotFleetRequestId")?)?;
        Ok((id, capacity(params, "TargetCapacity")?, capacity(params, "OnDemandTargetCapacity")?))
    }

    fn run(world: &mut World, ctx: &Ctx, (id, target, on_demand): Self::Input) -> Result<Done, Fault> {
        let mut fleet = Fleet::clone(&*spot_fleet(world, ctx, &id)?);
        if fleet.ended.is_some() {
            let message = format!("The spot fleet request {id} is not in a state that can be modified.");
            return Err(Fault::new("InvalidState", message));
        }
        ctx.commit()?;
        fleet.target = target.unwrap_or(fleet.target);
        fleet.on_demand = on_demand.unwrap_or(fleet.on_demand).min(fleet.target);
        fill(world, ctx, &mut fleet);
        world.scope_mut(ctx.account, &ctx.region).fleets.insert(id, Arc::new(fleet));
        Ok(Done)
    }
}

pub(crate) struct DescribeSpotFleetRequests;

pub(crate) struct DescribeSpotFleetRequestsInput {
    ids: Vec<CompactString>,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeSpotFleetRequestsOutput {
    fleets: Vec<ShownFleet>,
    next_token: Option<String>,
    now: Moment,
}

impl Op for DescribeSpotFleetRequests {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSpotFleetRequests");
    type Input = DescribeSpotFleetRequestsInput;
    type Output = DescribeSpotFleetRequestsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeSpotFleetRequestsInput {
            ids: params.texts("SpotFleetRequestId")?.iter().map(|id| decode_id(id)).collect::<Result<_, _>>()?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 1..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        for id in &input.ids {
            spot_fleet(world, ctx, id)?;
        }
        let world = &*world;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let scope = world.scope(ctx.account, &ctx.region);
        let fleets = scope.into_iter().flat_map(|scope| scope.fleets.range((start.clone(), Bound::Unbounded)));
        let page = page::fill(fleets, input.limit, |id, fleet| {
            let is_asked_for = input.ids.is_empty() || input.ids.contains(id);
            let takes = is_asked_for && fleet.is_spot_fleet() && fleet.is_shown(ctx.now);
            takes.then(|| ShownFleet::new(world, ctx, fleet))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeSpotFleetRequestsOutput { fleets: page.items, next_token, now: ctx.now })
    }
}

impl Encode for DescribeSpotFleetRequestsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("spotFleetRequestConfigSet", "item", &self.fleets, |xml, shown| {
            write_spot_fleet(xml, &shown.fleet, shown.capacity, self.now);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

pub(crate) struct DescribeSpotFleetInstances;

impl Op for DescribeSpotFleetInstances {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSpotFleetInstances");
    type Input = FleetInstancesInput;
    type Output = FleetInstancesOutput;
    paged!();

    fn decode(params: &Params) -> Result<FleetInstancesInput, Fault> {
        Ok(FleetInstancesInput {
            fleet: decode_id(params.required("SpotFleetRequestId")?)?,
            filters: Filters::default(),
            limit: page::limit("maxResults", params.integer("MaxResults")?, 1..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: FleetInstancesInput) -> Result<FleetInstancesOutput, Fault> {
        let fleet = spot_fleet(world, ctx, &input.fleet)?;
        active_instances(world, ctx, &fleet, &input, Self::SPEC.name, "spotFleetRequestId")
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn a_spot_fleet_starts_what_it_specifies_and_is_cancelled() {
        let test = TestWorld::new();
        let image = test.image("web");
        let config = "SpotFleetRequestConfig";
        let form = format!(
            "{config}.IamFleetRole=arn:aws:iam::123456789012:role/fleet&{config}.TargetCapacity=2&\
             {config}.LaunchSpecifications.1.ImageId={image}&{config}.LaunchSpecifications.1.InstanceType=t3.micro&\
             {config}.LaunchSpecifications.1.WeightedCapacity=2"
        );
        let id = test.first("RequestSpotFleet", &form, "spotFleetRequestId");
        let shown = test.ec2("DescribeSpotFleetRequests", "");
        for text in
            [format!("<imageId>{image}"), "<activityStatus>fulfilled".to_owned(), "<weightedCapacity>2<".to_owned()]
        {
            assert!(shown.contains(&text), "{text}: {shown}");
        }
        let instances = test.ec2("DescribeSpotFleetInstances", &format!("SpotFleetRequestId={id}"));
        assert_eq!(instances.matches("<instanceId>").count(), 1, "{instances}");
        test.ec2("ModifySpotFleetRequest", &format!("SpotFleetRequestId={id}&TargetCapacity=4"));
        let form = format!("SpotFleetRequestId.1={id}&TerminateInstances=true");
        assert!(test.ec2("CancelSpotFleetRequests", &form).contains("<currentSpotFleetRequestState>cancelled"));
        assert_eq!(test.first("DescribeSpotInstanceRequests", "", "state"), "closed");
        assert_eq!(
            test.code("DescribeSpotFleetRequests", "SpotFleetRequestId.1=sfr-0"),
            "InvalidSpotFleetRequestId.NotFound"
        );
    }
}
