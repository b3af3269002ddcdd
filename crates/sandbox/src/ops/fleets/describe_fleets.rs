//! EC2 `DescribeFleets` and `DescribeFleetInstances`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;
use compact_str::CompactString;

use super::create_fleet::{decode_id, no_fleet};
use super::fleet_launch::{capacity, living};
use super::fleet_xml::write_fleet;
use crate::filter::Filters;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Fleet, Instance};
use crate::{Fault, World};

const FLEET_FILTERS: &[&str] = &[
    "activity-status",
    "excess-capacity-termination-policy",
    "fleet-state",
    "replace-unhealthy-instances",
    "tag-key",
    "type",
];

pub(crate) struct DescribeFleets;

pub(crate) struct DescribeFleetsInput {
    ids: Vec<CompactString>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(super) struct ShownFleet {
    pub(super) fleet: Arc<Fleet>,
    pub(super) capacity: (u32, u32),
    instances: Vec<Arc<Instance>>,
}

impl ShownFleet {
    pub(super) fn new(world: &World, ctx: &Ctx, fleet: &Arc<Fleet>) -> Self {
        Self {
            fleet: Arc::clone(fleet),
            capacity: capacity(world, ctx, fleet),
            instances: living(world, ctx, fleet).map(|(_, instance)| Arc::clone(instance)).collect(),
        }
    }
}

pub(crate) struct DescribeFleetsOutput {
    fleets: Vec<ShownFleet>,
    next_token: Option<String>,
    now: Moment,
}

impl Op for DescribeFleets {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeFleets");
    type Input = DescribeFleetsInput;
    type Output = DescribeFleetsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeFleetsInput {
            ids: params.texts("FleetId")?.iter().map(|id| decode_id(id)).collect::<Result<_, _>>()?,
            filters: Filters::decode(params, FLEET_FILTERS)?,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 1..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let world = &*world;
        let scope = world.scope(ctx.account, &ctx.region);
        let is_there = |id: &CompactString| scope.is_some_and(|scope| scope.fleets.contains_key(id));
        if let Some(id) = input.ids.iter().find(|id| !is_there(id)) {
            return Err(no_fleet(id));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let fleets = scope.into_iter().flat_map(|scope| scope.fleets.range((start.clone(), Bound::Unbounded)));
        let page = page::fill(fleets, input.limit, |id, fleet| {
            // Instant fleets are shown only by their ids.
            let is_asked_for = if input.ids.is_empty() { fleet.kind != "instant" } else { input.ids.contains(id) };
            let takes = is_asked_for && !fleet.is_spot_fleet() && fleet.is_shown(ctx.now);
            let shown = takes.then(|| ShownFleet::new(world, ctx, fleet))?;
            matches(&input.filters, &shown, ctx.now).then_some(shown)
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeFleetsOutput { fleets: page.items, next_token, now: ctx.now })
    }
}

fn matches(filters: &Filters, shown: &ShownFleet, now: Moment) -> bool {
    let fleet = &shown.fleet;
    filters.matches(&fleet.tags, |name, filter| match name {
        // Documented with hyphens, answered with underscores: both are taken.
        "activity-status" => {
            let status = fleet.activity(now, shown.capacity.0);
            filter.takes(status) || filter.takes(&status.replace('_', "-"))
        }
        "excess-capacity-termination-policy" => {
            let policy = fleet.request.text("ExcessCapacityTerminationPolicy") != Some("no-termination");
            filter.takes_value(policy)
        }
        "fleet-state" => filter.takes(fleet.state(now)) || filter.takes(&fleet.state(now).replace('_', "-")),
        "replace-unhealthy-instances" => {
            filter.takes_value(fleet.request.flag("ReplaceUnhealthyInstances").unwrap_or(false))
        }
        _ => filter.takes(&fleet.kind),
    })
}

impl Encode for DescribeFleetsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("fleetSet", "item", &self.fleets, |xml, shown| {
            write_fleet(xml, &shown.fleet, shown.capacity, &shown.instances, self.now);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

pub(crate) struct DescribeFleetInstances;

pub(crate) struct FleetInstancesInput {
    pub(super) fleet: CompactString,
    pub(super) filters: Filters,
    pub(super) limit: Option<usize>,
    pub(super) token: Option<String>,
}

pub(crate) struct FleetInstancesOutput {
    /// The name of the element with the fleet's id.
    pub(super) id_name: &'static str,
    pub(super) fleet: CompactString,
    pub(super) instances: Vec<Arc<Instance>>,
    pub(super) next_token: Option<String>,
}

impl Op for DescribeFleetInstances {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeFleetInstances");
    type Input = FleetInstancesInput;
    type Output = FleetInstancesOutput;
    paged!();

    fn decode(params: &Params) -> Result<FleetInstancesInput, Fault> {
        Ok(FleetInstancesInput {
            fleet: decode_id(params.required("FleetId")?)?,
            filters: Filters::decode(params, &["instance-type"])?,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 1..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: FleetInstancesInput) -> Result<FleetInstancesOutput, Fault> {
        let fleet = world.scope_mut(ctx.account, &ctx.region).fleets.get(&input.fleet).map(Arc::clone);
        let fleet = fleet.filter(|fleet| !fleet.is_spot_fleet()).ok_or_else(|| no_fleet(&input.fleet))?;
        active_instances(world, ctx, &fleet, &input, Self::SPEC.name, "fleetId")
    }
}

/// A page of the instances of a fleet.
pub(super) fn active_instances(
    world: &World,
    ctx: &Ctx,
    fleet: &Fleet,
    input: &FleetInstancesInput,
    operation: &'static str,
    id_name: &'static str,
) -> Result<FleetInstancesOutput, Fault> {
    let after = input.token.as_deref().map(|token| page::key_of_token(ctx, operation, token)).transpose()?;
    let mut instances: Vec<&Arc<Instance>> = living(world, ctx, fleet).map(|(_, instance)| instance).collect();
    instances.sort_by(|one, other| one.id.cmp(&other.id));
    let later = instances
        .into_iter()
        .filter(|instance| after.as_deref().is_none_or(|after| instance.id.as_str() > after))
        .map(|instance| (instance.id.clone(), instance));
    let page = page::fill(later, input.limit, |_, instance| {
        let takes = input.filters.matches(&instance.tags, |_, filter| filter.takes(&instance.instance_type));
        takes.then(|| Arc::clone(instance))
    });
    Ok(FleetInstancesOutput {
        id_name,
        fleet: fleet.id.clone(),
        instances: page.items,
        next_token: page.next.map(|id| page::token_after(ctx, operation, &id)),
    })
}

impl Encode for FleetInstancesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("activeInstanceSet", "item", &self.instances, |xml, instance| {
            xml.text("instanceId", &instance.id);
            xml.text("instanceType", &instance.instance_type);
            xml.optional("spotInstanceRequestId", instance.settings.spot_request.as_ref());
            xml.text("instanceHealth", "healthy");
        });
        xml.text(self.id_name, &self.fleet);
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    fn template(test: &TestWorld, image: &str) {
        test.ec2("CreateLaunchTemplate", &format!("LaunchTemplateName=web&LaunchTemplateData.ImageId={image}"));
    }

    const CONFIG: &str = "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=web&\
                          LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=$Latest&\
                          LaunchTemplateConfigs.1.Overrides.1.InstanceType=t3.micro";

    #[test]
    fn a_fleet_keeps_its_capacity_until_it_is_deleted() {
        let mut test = TestWorld::new().paced();
        let (image, other) = (test.image("web"), test.image("other"));
        template(&test, &image);
        let over = "LaunchTemplateConfigs.1.Overrides.1.ImageId";
        let form = format!(
            "{CONFIG}&{over}={other}&Type=maintain&TargetCapacitySpecification.TotalTargetCapacity=3&\
             TargetCapacitySpecification.OnDemandTargetCapacity=1&TargetCapacitySpecification.DefaultTargetCapacityType=spot"
        );
        let id = test.first("CreateFleet", &form, "fleetId");
        assert_eq!(test.first("DescribeFleets", "", "fleetState"), "submitted");
        test.pass_secs(30);
        let fleet = test.ec2("DescribeFleets", &format!("FleetId.1={id}"));
        for text in [
            "<fleetState>active",
            "<activityStatus>fulfilled",
            "<fulfilledCapacity>3.0",
            "<fulfilledOnDemandCapacity>1.0",
        ] {
            assert!(fleet.contains(text), "{text}: {fleet}");
        }
        assert!(fleet.contains(&format!("<imageId>{other}</imageId>")), "{fleet}");
        let members = test.ec2("DescribeFleetInstances", &format!("FleetId={id}"));
        assert_eq!(
            (members.matches("<instanceId>").count(), members.matches("<spotInstanceRequestId>").count()),
            (3, 2)
        );
        // One goes, and is replaced.
        let gone = test.first("DescribeFleetInstances", &format!("FleetId={id}"), "instanceId");
        test.ec2("TerminateInstances", &format!("InstanceId.1={gone}"));
        test.pass_secs(60);
        let members = test.ec2("DescribeFleetInstances", &format!("FleetId={id}"));
        assert_eq!(members.matches("<instanceId>").count(), 3);
        assert!(!members.contains(&gone));
        test.ec2("ModifyFleet", &format!("FleetId={id}&TargetCapacitySpecification.TotalTargetCapacity=1"));
        assert_eq!(test.ec2("DescribeFleetInstances", &format!("FleetId={id}")).matches("<instanceId>").count(), 1);
        let deleted = test.ec2("DeleteFleets", &format!("FleetId.1={id}&FleetId.2=fleet-0&TerminateInstances=true"));
        assert!(
            deleted.contains("<currentFleetState>deleted_terminating") && deleted.contains("fleetIdDoesNotExist"),
            "{deleted}"
        );
        test.pass_secs(60);
        assert_eq!(test.first("DescribeFleets", "", "fleetState"), "deleted");
        assert!(!test.ec2("DescribeFleetInstances", &format!("FleetId={id}")).contains("<instanceId>"));
    }

    #[test]
    fn instant_fleets_answer_instances_and_errors_and_are_shown_by_id_only() {
        let test = TestWorld::new();
        let image = test.image("web");
        template(&test, &image);
        let form = format!("{CONFIG}&Type=instant&TargetCapacitySpecification.TotalTargetCapacity=2");
        let reply = test.ec2("CreateFleet", &form);
        assert!(reply.contains("<lifecycle>on-demand") && reply.matches("<instanceIds>").count() == 1, "{reply}");
        assert!(!test.ec2("DescribeFleets", "").contains("<fleetId>"));
        test.ec2("DisableImage", &format!("ImageId={image}"));
        let reply = test.ec2("CreateFleet", &form);
        assert!(reply.contains("<errorCode>InvalidAMIID.Unavailable") && !reply.contains("<instanceIds>"), "{reply}");
        let id = crate::ops::story::first(&reply, "fleetId").unwrap().to_owned();
        assert!(test.ec2("DescribeFleets", &format!("FleetId.1={id}")).contains("<errorCode>"));
        let kept = test.ec2("DeleteFleets", &format!("FleetId.1={id}&TerminateInstances=false"));
        assert!(kept.contains("fleetNotInDeletableState"), "{kept}");
    }

    #[test]
    fn wrong_fleets_are_refused() {
        let test = TestWorld::new();
        template(&test, &test.image("web"));
        let target = "TargetCapacitySpecification.TotalTargetCapacity";
        for (form, code) in [
            (format!("{target}=1"), "MissingParameter"),
            (CONFIG.to_owned(), "MissingParameter"),
            (format!("{CONFIG}&{target}=1&Type=forever"), "InvalidParameterValue"),
            (
                format!("{CONFIG}&{target}=1&TargetCapacitySpecification.SpotTargetCapacity=2"),
                "InvalidTargetCapacitySpecification",
            ),
            (format!("{CONFIG}&{target}=99999"), "InvalidParameterValue"),
            (
                format!(
                    "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=no&LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1&{target}=1"
                ),
                "InvalidLaunchTemplateName.NotFoundException",
            ),
        ] {
            assert_eq!(test.code("CreateFleet", &form), code, "{form}");
        }
    }
}
