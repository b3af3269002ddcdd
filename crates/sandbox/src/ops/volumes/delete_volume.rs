//! EC2 `DeleteVolume`: into the Recycle Bin when a rule retains it.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::own_volume::{own_volume, require_created};
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

pub(crate) struct DeleteVolume;

impl Op for DeleteVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteVolume");
    type Input = CompactString;
    type Output = Done;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Done, Fault> {
        let volume = own_volume(world, ctx, &id)?;
        if let Some(attached) = volume.attached(ctx.now) {
            let message = format!("Volume {id} is currently attached to {}", attached.instance);
            return Err(Fault::new("VolumeInUse", message));
        }
        require_created(&volume, ctx)?;
        ctx.commit()?;
        world.scope_mut(ctx.account, &ctx.region).discard_volume(&id, ctx.now);
        Ok(Done)
    }
}
