//! EC2 `StartInstances`, `StopInstances`, `RebootInstances` and `TerminateInstances`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::describe_instances::{instance_ids, require_all};
use super::instance_xml::write_state;
use super::launch::terminate;
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, InstanceState, ShownState, Transition};
use crate::{Fault, World};

pub(crate) struct StateChanges(Vec<StateChange>);

struct StateChange {
    id: CompactString,
    from: ShownState,
    to: ShownState,
}

impl Encode for StateChanges {
    fn encode(&self, xml: &mut Xml) {
        xml.list("instancesSet", "item", &self.0, |xml, change| {
            xml.text("instanceId", &change.id);
            write_state(xml, "currentState", change.to);
            write_state(xml, "previousState", change.from);
        });
    }
}

pub(crate) struct StateInput {
    ids: Vec<CompactString>,
    hibernate: bool,
    force: bool,
}

fn decode(params: &Params) -> Result<StateInput, Fault> {
    let ids = instance_ids(params)?;
    if ids.is_empty() {
        return Err(Fault::missing("InstanceId"));
    }
    Ok(StateInput { ids, hibernate: params.flag("Hibernate")?, force: params.flag("Force")? })
}

/// The instances, all of which must be there and must allow the change.
fn checked(
    world: &mut World,
    ctx: &Ctx,
    ids: &[CompactString],
    check: impl Fn(&Instance) -> Result<(), Fault>,
) -> Result<Vec<ShownState>, Fault> {
    require_all(ctx, world.scope_mut(ctx.account, &ctx.region), ids)?;
    let scope = world.scope(ctx.account, &ctx.region);
    let instances: Vec<Arc<Instance>> = ids.iter().filter_map(|id| scope?.instances.get(id).map(Arc::clone)).collect();
    for instance in &instances {
        check(instance)?;
    }
    Ok(instances.iter().map(|instance| instance.shown_state(ctx.now)).collect())
}

/// What changed: what is to be in another state is on its way there, however fast it gets there.
fn changes(world: &World, ctx: &Ctx, ids: Vec<CompactString>, from: Vec<ShownState>) -> StateChanges {
    let scope = world.scope(ctx.account, &ctx.region);
    let changed = ids.into_iter().zip(from).map(|(id, from)| {
        let to = scope.and_then(|scope| scope.instances.get(&id)).map_or(from, |instance| {
            let was_asked_for = [instance.state.arrived(), instance.state.on_the_way()].contains(&from);
            if was_asked_for { instance.shown_state(ctx.now) } else { instance.state.on_the_way() }
        });
        StateChange { id, from, to }
    });
    StateChanges(changed.collect())
}

fn tweak(world: &mut World, ctx: &Ctx, id: &CompactString, change: impl FnOnce(&mut Instance)) {
    if let Some(instance) = world.scope_mut(ctx.account, &ctx.region).instances.get_mut(id) {
        change(Arc::make_mut(instance));
    }
}

fn wrong_state(instance: &Instance, what: &str) -> Fault {
    let message = format!("The instance '{}' is not in a state from which it can be {what}.", instance.id);
    Fault::new("IncorrectInstanceState", message)
}

fn protected(instance: &Instance, attribute: &str, what: &str) -> Fault {
    let message = format!(
        "The instance '{}' may not be {what}. Modify its '{attribute}' instance attribute and try again.",
        instance.id
    );
    Fault::new("OperationNotPermitted", message)
}

pub(crate) struct StartInstances;

impl Op for StartInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "StartInstances");
    type Input = StateInput;
    type Output = StateChanges;

    fn decode(params: &Params) -> Result<StateInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: StateInput) -> Result<StateChanges, Fault> {
        let from = checked(world, ctx, &input.ids, |instance| match instance.shown_state(ctx.now) {
            ShownState::Pending | ShownState::Running | ShownState::Stopped => Ok(()),
            _ => Err(wrong_state(instance, "started")),
        })?;
        ctx.commit()?;
        let until = ctx.now.plus_secs(world.pace.instance_secs.into());
        for id in &input.ids {
            tweak(world, ctx, id, |instance| instance.restart(ctx.now, until));
        }
        Ok(changes(world, ctx, input.ids, from))
    }
}

pub(crate) struct StopInstances;

impl Op for StopInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "StopInstances");
    type Input = StateInput;
    type Output = StateChanges;

    fn decode(params: &Params) -> Result<StateInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: StateInput) -> Result<StateChanges, Fault> {
        let from = checked(world, ctx, &input.ids, |instance| {
            match instance.shown_state(ctx.now) {
                ShownState::Running | ShownState::Stopping | ShownState::Stopped => {}
                _ => return Err(wrong_state(instance, "stopped")),
            }
            if instance.settings.disable_api_stop {
                return Err(protected(instance, "disableApiStop", "stopped"));
            }
            if instance.root_device_name.is_none() {
                let message = format!(
                    "The instance '{}' does not have an 'ebs' root device type and cannot be stopped.",
                    instance.id
                );
                return Err(Fault::new("UnsupportedOperation", message));
            }
            if input.hibernate && !instance.settings.hibernation {
                let message = "The instance is not configured for hibernation.";
                return Err(Fault::new("UnsupportedHibernationConfiguration", message));
            }
            Ok(())
        })?;
        ctx.commit()?;
        let pace = if input.force { 0 } else { world.pace.instance_secs };
        let transition =
            |code: &str, message: &str| Some(Transition { at: ctx.now, code: code.into(), message: message.into() });
        for id in &input.ids {
            tweak(world, ctx, id, |instance| {
                if instance.state == InstanceState::Running {
                    instance.state = InstanceState::Stopped;
                    instance.state_since = ctx.now.plus_secs(pace.into());
                    instance.settings.transition = if input.hibernate {
                        transition(
                            "Client.UserInitiatedHibernate",
                            "Client.UserInitiatedHibernate: User initiated hibernate",
                        )
                    } else {
                        transition(
                            "Client.UserInitiatedShutdown",
                            "Client.UserInitiatedShutdown: User initiated shutdown",
                        )
                    };
                }
            });
        }
        Ok(changes(world, ctx, input.ids, from))
    }
}

pub(crate) struct TerminateInstances;

impl Op for TerminateInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "TerminateInstances");
    type Input = StateInput;
    type Output = StateChanges;

    fn decode(params: &Params) -> Result<StateInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: StateInput) -> Result<StateChanges, Fault> {
        let from = checked(world, ctx, &input.ids, |instance| {
            if instance.settings.disable_api_termination && instance.state != InstanceState::Terminated {
                return Err(protected(instance, "disableApiTermination", "terminated"));
            }
            Ok(())
        })?;
        ctx.commit()?;
        for id in &input.ids {
            terminate(world, ctx, id);
        }
        Ok(changes(world, ctx, input.ids, from))
    }
}

pub(crate) struct RebootInstances;

impl Op for RebootInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RebootInstances");
    type Input = StateInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<StateInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: StateInput) -> Result<Done, Fault> {
        checked(world, ctx, &input.ids, |instance| match instance.shown_state(ctx.now) {
            ShownState::Running => Ok(()),
            _ => Err(wrong_state(instance, "rebooted")),
        })?;
        ctx.commit()?;
        Ok(Done)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn protection_forbids_what_it_says() {
        let test = TestWorld::new();
        let image = test.image("web");
        let form = format!("ImageId={image}&MinCount=1&MaxCount=1&DisableApiTermination=true&DisableApiStop=true");
        let id = test.first("RunInstances", &form, "instanceId");
        assert_eq!(test.code("TerminateInstances", &format!("InstanceId.1={id}")), "OperationNotPermitted");
        assert_eq!(test.code("StopInstances", &format!("InstanceId.1={id}")), "OperationNotPermitted");
        assert_eq!(test.code("StopInstances", &format!("InstanceId.1={id}&Hibernate=true")), "OperationNotPermitted");
        test.ec2("ModifyInstanceAttribute", &format!("InstanceId={id}&DisableApiTermination.Value=false"));
        test.ec2("RebootInstances", &format!("InstanceId.1={id}"));
        let volume = test.first("DescribeInstances", &format!("InstanceId.1={id}"), "volumeId");
        test.ec2("TerminateInstances", &format!("InstanceId.1={id}"));
        assert_eq!(test.code("DescribeVolumes", &format!("VolumeId.1={volume}")), "InvalidVolume.NotFound");
        assert_eq!(test.code("RebootInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
        assert_eq!(test.code("StartInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
        let reason = test.ec2("DescribeInstances", &format!("InstanceId.1={id}"));
        assert!(reason.contains("<reason>User initiated (2026-11-21 09:00:00 GMT)</reason>"), "{reason}");
        assert!(reason.contains("<code>Client.UserInitiatedShutdown</code>"), "{reason}");
    }

    #[test]
    fn only_what_is_set_up_for_it_hibernates() {
        let test = TestWorld::new();
        let image = test.image("web");
        let form = format!("ImageId={image}&MinCount=1&MaxCount=1");
        let plain = test.first("RunInstances", &form, "instanceId");
        let sleepy = test.first("RunInstances", &format!("{form}&HibernationOptions.Configured=true"), "instanceId");
        let hibernate = |id: &str| format!("InstanceId.1={id}&Hibernate=true");
        assert_eq!(test.code("StopInstances", &hibernate(&plain)), "UnsupportedHibernationConfiguration");
        test.ec2("StopInstances", &hibernate(&sleepy));
    }
}
