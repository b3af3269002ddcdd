//! EC2 `GetSnapshotBlockPublicAccessState`, `EnableSnapshotBlockPublicAccess` and `DisableSnapshotBlockPublicAccess`.

use amictl_cloud::{OperationSpec, Service};

use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::PublicAccess;
use crate::{Fault, World};

pub(crate) struct GetSnapshotBlockPublicAccessState;

pub(crate) struct StateOutput {
    state: PublicAccess,
    is_managed_shown: bool,
}

impl Op for GetSnapshotBlockPublicAccessState {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetSnapshotBlockPublicAccessState");
    type Input = ();
    type Output = StateOutput;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<StateOutput, Fault> {
        let state = world.scope(ctx.account, &ctx.region).map(|scope| scope.snapshot_shelves.public_access);
        Ok(StateOutput { state: state.unwrap_or_default(), is_managed_shown: true })
    }
}

pub(crate) struct EnableSnapshotBlockPublicAccess;

impl Op for EnableSnapshotBlockPublicAccess {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableSnapshotBlockPublicAccess");
    type Input = PublicAccess;
    type Output = StateOutput;

    fn decode(params: &Params) -> Result<PublicAccess, Fault> {
        match params.required("State")? {
            "block-all-sharing" => Ok(PublicAccess::BlockAll),
            "block-new-sharing" => Ok(PublicAccess::BlockNew),
            other => Err(Fault::invalid_value("State", other)),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, state: PublicAccess) -> Result<StateOutput, Fault> {
        set(world, ctx, state)
    }
}

pub(crate) struct DisableSnapshotBlockPublicAccess;

impl Op for DisableSnapshotBlockPublicAccess {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableSnapshotBlockPublicAccess");
    type Input = ();
    type Output = StateOutput;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<StateOutput, Fault> {
        set(world, ctx, PublicAccess::Unblocked)
    }
}

fn set(world: &mut World, ctx: &Ctx, state: PublicAccess) -> Result<StateOutput, Fault> {
    ctx.commit()?;
    world.scope_mut(ctx.account, &ctx.region).snapshot_shelves.public_access = state;
    Ok(StateOutput { state, is_managed_shown: false })
}

impl Encode for StateOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("state", self.state.as_str());
        if self.is_managed_shown {
            xml.text("managedBy", "account");
        }
    }
}
