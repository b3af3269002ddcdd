//! EC2 `CreateFleet` and `ModifyFleet`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::{CompactString, format_compact};

use super::fleet_input::{capacity, configs};
use super::fleet_launch::{fill, living};
use super::fleet_xml::{write_errors, write_fleet_instances};
use crate::ops::input::{other_id, tag_specification};
use crate::ops::instances::launch::terminate_because;
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Fleet, Instance};
use crate::{Fault, World};

/// A new id in the form that fleets have.
pub(super) fn fleet_id(world: &mut World, prefix: &str) -> CompactString {
    let (high, low) = (world.new_number(), world.new_number());
    format_compact!(
        "{prefix}{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// The target: in all, and on demand.
fn targets(request: &Params) -> Result<(u32, u32), Fault> {
    let target = request
        .structure("TargetCapacitySpecification")
        .ok_or_else(|| Fault::missing("TargetCapacitySpecification"))?;
    let total = capacity(target, "TotalTargetCapacity")?.ok_or_else(|| Fault::missing("TotalTargetCapacity"))?;
    let (on_demand, spot) = (capacity(target, "OnDemandTargetCapacity")?, capacity(target, "SpotTargetCapacity")?);
    let default = target.text("DefaultTargetCapacityType").filter(|text| !text.is_empty()).unwrap_or("on-demand");
    if !["spot", "on-demand"].contains(&default) {
        return Err(Fault::invalid_value("DefaultTargetCapacityType", default));
    }
    if on_demand.unwrap_or(0) + spot.unwrap_or(0) > total {
        let message = "The sum of on-demand and Spot target capacity is greater than the total target capacity.";
        return Err(Fault::new("InvalidTargetCapacitySpecification", message));
    }
    let rest = total - on_demand.unwrap_or(0) - spot.unwrap_or(0);
    Ok((total, on_demand.unwrap_or(0) + if default == "on-demand" { rest } else { 0 }))
}

pub(crate) struct CreateFleet;

pub(crate) struct CreateFleetInput {
    request: Params,
    kind: String,
    target: (u32, u32),
    tags: Tags,
}

pub(crate) struct CreateFleetOutput {
    fleet: Fleet,
    instances: Vec<Arc<Instance>>,
}

impl Op for CreateFleet {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateFleet");
    type Input = CreateFleetInput;
    type Output = CreateFleetOutput;

    fn decode(params: &Params) -> Result<CreateFleetInput, Fault> {
        let kind = params.string("Type").unwrap_or_else(|| "maintain".to_owned());
        if !["request", "maintain", "instant"].contains(&kind.as_str()) {
            return Err(Fault::invalid_value("Type", &kind));
        }
        if params.structures("LaunchTemplateConfigs")?.is_empty() {
            return Err(Fault::missing("LaunchTemplateConfigs"));
        }
        params.moment("ValidFrom")?;
        params.moment("ValidUntil")?;
        Ok(CreateFleetInput {
            target: targets(params)?,
            tags: tag_specification(params, "fleet")?,
            request: params.clone(),
            kind,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateFleetInput) -> Result<CreateFleetOutput, Fault> {
        let configs = configs(world, ctx, &input.request.structures("LaunchTemplateConfigs")?)?;
        ctx.commit()?;
        let (target, on_demand) = input.target;
        let mut fleet = Fleet {
            id: fleet_id(world, "fleet-"),
            created_at: ctx.now,
            kind: input.kind.into(),
            target,
            on_demand,
            configs,
            request: input.request,
            members: Vec::new(),
            errors: Vec::new(),
            settled_at: ctx.now,
            ended: None,
            tags: input.tags,
        };
        fill(world, ctx, &mut fleet);
        let instances = living(world, ctx, &fleet).map(|(_, instance)| Arc::clone(instance)).collect();
        world.scope_mut(ctx.account, &ctx.region).fleets.insert(fleet.id.clone(), Arc::new(fleet.clone()));
        Ok(CreateFleetOutput { fleet, instances })
    }
}

impl Encode for CreateFleetOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("fleetId", &self.fleet.id);
        // Only instant fleets are done when they are answered.
        if self.fleet.kind == "instant" {
            write_errors(xml, &self.fleet);
            write_fleet_instances(xml, &self.fleet, &self.instances);
        }
    }
}

pub(crate) struct ModifyFleet;

pub(crate) struct ModifyFleetInput {
    fleet: CompactString,
    request: Params,
    target: Option<(u32, u32)>,
}

/// A fleet's id.
pub(super) fn decode_id(id: &str) -> Result<CompactString, Fault> {
    let digits: String = id.chars().filter(|character| *character != '-').collect();
    other_id(&digits, "fleet", "InvalidFleetId.Malformed").map(|_| id.into())
}

pub(super) fn no_fleet(id: &str) -> Fault {
    Fault::new("InvalidFleetId.NotFound", format!("The fleet ID '{id}' does not exist"))
}

impl Op for ModifyFleet {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyFleet");
    type Input = ModifyFleetInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<ModifyFleetInput, Fault> {
        let has_target = params.structure("TargetCapacitySpecification").is_some();
        Ok(ModifyFleetInput {
            fleet: decode_id(params.required("FleetId")?)?,
            target: if has_target { Some(targets(params)?) } else { None },
            request: params.clone(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ModifyFleetInput) -> Result<Done, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let mut fleet =
            scope.fleets.get(&input.fleet).map(|fleet| Fleet::clone(fleet)).ok_or_else(|| no_fleet(&input.fleet))?;
        if fleet.kind == "instant" || fleet.ended.is_some() {
            let message = format!("The fleet {} cannot be modified.", fleet.id);
            return Err(Fault::new("FleetNotInModifiableState", message));
        }
        let sent = input.request.structures("LaunchTemplateConfig")?;
        if !sent.is_empty() {
            fleet.configs = configs(world, ctx, &sent)?;
        }
        ctx.commit()?;
        (fleet.target, fleet.on_demand) = input.target.unwrap_or((fleet.target, fleet.on_demand));
        for name in ["ExcessCapacityTerminationPolicy", "TargetCapacitySpecification", "Context"] {
            if let Some(member) = input.request.structure(name) {
                fleet.request.put(name, member.clone());
            }
        }
        if fleet.request.text("ExcessCapacityTerminationPolicy") != Some("no-termination") {
            shrink(world, ctx, &fleet);
        }
        fill(world, ctx, &mut fleet);
        world.scope_mut(ctx.account, &ctx.region).fleets.insert(fleet.id.clone(), Arc::new(fleet));
        Ok(Done)
    }
}

/// Terminates what is more than the target, the newest first.
fn shrink(world: &mut World, ctx: &Ctx, fleet: &Fleet) {
    for is_spot in [false, true] {
        let target = if is_spot { fleet.target.saturating_sub(fleet.on_demand) } else { fleet.on_demand };
        let mut kept = 0;
        let members: Vec<(CompactString, u32)> = living(world, ctx, fleet)
            .filter(|(member, _)| member.is_spot == is_spot)
            .map(|(member, _)| (member.instance.clone(), member.weight))
            .collect();
        for (id, weight) in members {
            if kept + weight > target {
                terminate_for(world, ctx, &id);
            } else {
                kept += weight;
            }
        }
    }
}

/// Terminates an instance of a fleet.
pub(super) fn terminate_for(world: &mut World, ctx: &Ctx, id: &CompactString) {
    let message = "Server.SpotInstanceTermination: Instance terminated because its fleet asked for it";
    terminate_because(world, ctx, id, "Server.SpotInstanceTermination", message);
}
