//! EC2 `GetImageBlockPublicAccessState`, `EnableImageBlockPublicAccess` and `DisableImageBlockPublicAccess`.

use amictl_cloud::{OperationSpec, Service};

use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::BlockPublicAccess;
use crate::{Fault, World};

const BLOCKED: &str = "block-new-sharing";
const UNBLOCKED: &str = "unblocked";

pub(crate) struct AccessState {
    state: &'static str,
    managed_by: Option<&'static str>,
}

impl Encode for AccessState {
    fn encode(&self, xml: &mut Xml) {
        xml.text("imageBlockPublicAccessState", self.state);
        xml.optional("managedBy", self.managed_by);
    }
}

pub(crate) struct GetImageBlockPublicAccessState;

impl Op for GetImageBlockPublicAccessState {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetImageBlockPublicAccessState");
    type Input = ();
    type Output = AccessState;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<AccessState, Fault> {
        let access = world.scope_mut(ctx.account, &ctx.region).image_settings.block_public_access;
        let state = if access.is_blocked(ctx.now) { BLOCKED } else { UNBLOCKED };
        Ok(AccessState { state, managed_by: Some("account") })
    }
}

fn set(world: &mut World, ctx: &Ctx, is_blocked: bool) -> Result<AccessState, Fault> {
    let from = ctx.now.plus_secs(world.pace.task_secs.into());
    let access = &mut world.scope_mut(ctx.account, &ctx.region).image_settings.block_public_access;
    ctx.commit()?;
    if access.is_blocked(ctx.now) != is_blocked {
        *access = BlockPublicAccess::from(is_blocked, from);
    }
    Ok(AccessState { state: if is_blocked { BLOCKED } else { UNBLOCKED }, managed_by: None })
}

pub(crate) struct EnableImageBlockPublicAccess;

impl Op for EnableImageBlockPublicAccess {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableImageBlockPublicAccess");
    type Input = ();
    type Output = AccessState;

    fn decode(params: &Params) -> Result<(), Fault> {
        match params.required("ImageBlockPublicAccessState")? {
            BLOCKED => Ok(()),
            other => Err(Fault::invalid_value("ImageBlockPublicAccessState", other)),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<AccessState, Fault> {
        set(world, ctx, true)
    }
}

pub(crate) struct DisableImageBlockPublicAccess;

impl Op for DisableImageBlockPublicAccess {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableImageBlockPublicAccess");
    type Input = ();
    type Output = AccessState;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<AccessState, Fault> {
        set(world, ctx, false)
    }
}
