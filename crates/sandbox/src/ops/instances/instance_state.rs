//! EC2 `StartInstances`, `StopInstances` and `TerminateInstances`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::describe_instances::require_all;
use super::instance_xml::write_state;
use super::launch::terminate;
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::InstanceState;
use crate::{Fault, World};

pub(crate) struct StateChanges(Vec<StateChange>);

struct StateChange {
    id: CompactString,
    from: InstanceState,
    to: InstanceState,
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

fn decode(params: &Params) -> Result<Vec<CompactString>, Fault> {
    let ids = params.texts("InstanceId")?;
    if ids.is_empty() {
        return Err(Fault::missing("InstanceId"));
    }
    ids.iter().map(|id| resource_id(id, "i-", "InvalidInstanceID.Malformed")).collect()
}

fn change(world: &mut World, ctx: &Ctx, ids: Vec<CompactString>, to: InstanceState) -> Result<StateChanges, Fault> {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    require_all(ctx, scope, &ids)?;
    let states: Vec<InstanceState> =
        ids.iter().filter_map(|id| scope.instances.get(id)).map(|instance| instance.state).collect();
    if to != InstanceState::Terminated && states.contains(&InstanceState::Terminated) {
        let message = "The instance is not in a state from which it can be started or stopped.";
        return Err(Fault::new("IncorrectInstanceState", message));
    }
    ctx.commit()?;
    for id in &ids {
        if to == InstanceState::Terminated {
            terminate(world, ctx, id);
        } else if let Some(instance) = world.scope_mut(ctx.account, &ctx.region).instances.get_mut(id)
            && instance.state != to
        {
            let instance = Arc::make_mut(instance);
            instance.state = to;
            instance.state_since = ctx.now;
        }
    }
    Ok(StateChanges(ids.into_iter().zip(states).map(|(id, from)| StateChange { id, from, to }).collect()))
}

macro_rules! state_operation {
    ($name:ident, $state:ident) => {
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, stringify!($name));
            type Input = Vec<CompactString>;
            type Output = StateChanges;

            fn decode(params: &Params) -> Result<Vec<CompactString>, Fault> {
                decode(params)
            }

            fn run(world: &mut World, ctx: &Ctx, ids: Vec<CompactString>) -> Result<StateChanges, Fault> {
                change(world, ctx, ids, InstanceState::$state)
            }
        }
    };
}

state_operation!(StartInstances, Running);
state_operation!(StopInstances, Stopped);
state_operation!(TerminateInstances, Terminated);
