//! EC2 `DeleteFleets` and `CancelSpotFleetRequests`, which differ in their words.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::create_fleet::terminate_for;
use super::fleet_launch::living;
use super::{create_fleet, spot_fleet};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Fleet;
use crate::{Fault, World};

/// What one kind of fleets is called when it ends.
struct Words {
    id: &'static str,
    does_not_exist: &'static str,
    is_malformed: &'static str,
    cannot_end: &'static str,
    /// `terminating` and `running` follow.
    ended: [&'static str; 2],
    done: &'static str,
    failed: &'static str,
    current: &'static str,
    previous: &'static str,
}

static OF_FLEETS: Words = Words {
    id: "fleetId",
    does_not_exist: "fleetIdDoesNotExist",
    is_malformed: "fleetIdMalformed",
    cannot_end: "fleetNotInDeletableState",
    ended: ["deleted_terminating", "deleted_running"],
    done: "successfulFleetDeletionSet",
    failed: "unsuccessfulFleetDeletionSet",
    current: "currentFleetState",
    previous: "previousFleetState",
};

static OF_SPOT_FLEETS: Words = Words {
    id: "spotFleetRequestId",
    does_not_exist: "fleetRequestIdDoesNotExist",
    is_malformed: "fleetRequestIdMalformed",
    cannot_end: "fleetRequestNotInCancellableState",
    ended: ["cancelled_terminating", "cancelled_running"],
    done: "successfulFleetRequestSet",
    failed: "unsuccessfulFleetRequestSet",
    current: "currentSpotFleetRequestState",
    previous: "previousSpotFleetRequestState",
};

pub(crate) struct EndInput {
    ids: Vec<String>,
    terminates: bool,
}

/// What became of each fleet: the states after and before, or the error.
pub(crate) struct EndOutput {
    words: &'static Words,
    ends: Vec<(String, Result<States, Refusal>)>,
}

/// The states after and before.
type States = (&'static str, &'static str);

/// Code and message.
type Refusal = (&'static str, String);

pub(crate) struct DeleteFleets;

impl Op for DeleteFleets {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteFleets");
    type Input = EndInput;
    type Output = EndOutput;

    fn decode(params: &Params) -> Result<EndInput, Fault> {
        decode(params, "FleetId")
    }

    fn run(world: &mut World, ctx: &Ctx, input: EndInput) -> Result<EndOutput, Fault> {
        end_all(world, ctx, input, &OF_FLEETS)
    }
}

pub(crate) struct CancelSpotFleetRequests;

impl Op for CancelSpotFleetRequests {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CancelSpotFleetRequests");
    type Input = EndInput;
    type Output = EndOutput;

    fn decode(params: &Params) -> Result<EndInput, Fault> {
        decode(params, "SpotFleetRequestId")
    }

    fn run(world: &mut World, ctx: &Ctx, input: EndInput) -> Result<EndOutput, Fault> {
        end_all(world, ctx, input, &OF_SPOT_FLEETS)
    }
}

fn decode(params: &Params, id: &str) -> Result<EndInput, Fault> {
    params.required("TerminateInstances")?;
    let ids = params.texts(id)?;
    if ids.is_empty() {
        return Err(Fault::missing(id));
    }
    Ok(EndInput { ids, terminates: params.flag("TerminateInstances")? })
}

fn end_all(world: &mut World, ctx: &Ctx, input: EndInput, words: &'static Words) -> Result<EndOutput, Fault> {
    ctx.commit()?;
    let ends = input.ids.into_iter().map(|id| {
        let end = find(world, ctx, &id, words).and_then(|fleet| end(world, ctx, &fleet, input.terminates, words));
        (id, end)
    });
    Ok(EndOutput { words, ends: ends.collect() })
}

fn find(world: &World, ctx: &Ctx, id: &str, words: &Words) -> Result<Arc<Fleet>, Refusal> {
    let is_spot = words.id == OF_SPOT_FLEETS.id;
    let checked = if is_spot { spot_fleet::decode_id(id) } else { create_fleet::decode_id(id) };
    let id = checked.map_err(|fault| (words.is_malformed, fault.message))?;
    let scope = world.scope(ctx.account, &ctx.region);
    let fleet = scope.and_then(|scope| scope.fleets.get(&id)).filter(|fleet| fleet.is_spot_fleet() == is_spot);
    let missing = if is_spot { spot_fleet::no_request } else { create_fleet::no_fleet };
    fleet.map(Arc::clone).ok_or_else(|| (words.does_not_exist, missing(&id).message))
}

/// Ends a fleet; answers the states after and before. One that ended without its instances can take them along later.
fn end(world: &mut World, ctx: &Ctx, fleet: &Fleet, terminates: bool, words: &Words) -> Result<States, Refusal> {
    let before = fleet.state(ctx.now);
    if fleet.kind == "instant" && !terminates {
        let message = "NoTerminateInstances option is not supported for instant fleet";
        return Err((words.cannot_end, message.to_owned()));
    }
    if fleet.ended.is_some_and(|(_, gone)| gone.is_some() || !terminates) {
        return Err((words.cannot_end, format!("The fleet {} is in the state {before}.", fleet.id)));
    }
    let mut ended = fleet.clone();
    let gone = ctx.now.plus_secs(world.pace.instance_secs.into());
    let at = ended.ended.map_or(ctx.now, |(at, _)| at);
    ended.ended = Some((at, terminates.then_some(gone)));
    let members: Vec<CompactString> = living(world, ctx, fleet).map(|(member, _)| member.instance.clone()).collect();
    world.scope_mut(ctx.account, &ctx.region).fleets.insert(ended.id.clone(), Arc::new(ended));
    for id in members.iter().filter(|_| terminates) {
        terminate_for(world, ctx, id);
    }
    Ok((words.ended[usize::from(!terminates)], before))
}

impl Encode for EndOutput {
    fn encode(&self, xml: &mut Xml) {
        let Self { words, ends } = self;
        let done = ends.iter().filter_map(|(id, end)| Some((id, end.as_ref().ok()?)));
        xml.list(words.done, "item", done, |xml, (id, (after, before))| {
            xml.text(words.current, after);
            xml.text(words.previous, before);
            xml.text(words.id, id);
        });
        let failed = ends.iter().filter_map(|(id, end)| Some((id, end.as_ref().err()?)));
        xml.list(words.failed, "item", failed, |xml, (id, (code, message))| {
            xml.element("error", |xml| {
                xml.text("code", code);
                xml.text("message", message);
            });
            xml.text(words.id, id);
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    /// The states after and before, or the error's code.
    fn states(reply: &str) -> Vec<&str> {
        let texts = |at| reply.split(at).skip(1).filter_map(|rest| rest.split("</").next());
        texts("FleetState>").step_by(2).chain(texts("<code>")).collect()
    }

    #[test]
    fn a_fleet_ends_once_and_may_take_its_instances_along_later() {
        let test = TestWorld::new();
        let image = test.image("web");
        let template = format!("LaunchTemplateName=web&LaunchTemplateData.ImageId={image}");
        let template = test.first("CreateLaunchTemplate", &template, "launchTemplateId");
        let config = "LaunchTemplateConfigs.1.LaunchTemplateSpecification";
        let create = format!(
            "TargetCapacitySpecification.TotalTargetCapacity=1&{config}.LaunchTemplateId={template}&{config}.Version=1&\
             TargetCapacitySpecification.DefaultTargetCapacityType=on-demand&Type"
        );
        let id = test.first("CreateFleet", &format!("{create}=maintain"), "fleetId");
        let end = |id: &str, terminates: bool| {
            test.ec2("DeleteFleets", &format!("FleetId.1={id}&TerminateInstances={terminates}"))
        };
        assert_eq!(states(&end(&id, false)), ["deleted_running", "active"]);
        assert_eq!(states(&end(&id, false)), ["fleetNotInDeletableState"]);
        assert_eq!(test.first("DescribeInstances", "", "name"), "running");
        assert_eq!(states(&end(&id, true)), ["deleted_terminating", "deleted_running"]);
        assert_eq!(states(&end(&id, true)), ["fleetNotInDeletableState"]);
        assert_eq!(test.first("DescribeInstances", "", "name"), "terminated");
        assert_eq!(test.first("DescribeFleets", &format!("FleetId.1={id}"), "fleetState"), "deleted");
        let instant = test.first("CreateFleet", &format!("{create}=instant"), "fleetId");
        assert_eq!(states(&end(&instant, false)), ["fleetNotInDeletableState"]);
        assert_eq!(states(&end("fleet-12345678-1234-1234-1234-123456789012", true)), ["fleetIdDoesNotExist"]);
        assert_eq!(states(&end("web", true)), ["fleetIdMalformed"]);
        let cancel = |id: &str| {
            test.ec2("CancelSpotFleetRequests", &format!("SpotFleetRequestId.1={id}&TerminateInstances=true"))
        };
        assert_eq!(states(&cancel("web")), ["fleetRequestIdMalformed"]);
        assert_eq!(states(&cancel("sfr-12345678-1234-1234-1234-123456789012")), ["fleetRequestIdDoesNotExist"]);
    }
}
