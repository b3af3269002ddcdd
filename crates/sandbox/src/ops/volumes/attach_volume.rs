//! EC2 `AttachVolume` and `DetachVolume`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::own_volume::own_volume;
use super::volume_xml::{attached, write_attachment};
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Attached, Instance, InstanceDevice, InstanceState, Volume};
use crate::{Fault, World};

pub(crate) struct AttachmentOutput {
    volume: CompactString,
    attached: Attached,
}

impl Encode for AttachmentOutput {
    fn encode(&self, xml: &mut Xml) {
        write_attachment(xml, &self.volume, &self.attached);
    }
}

pub(crate) struct AttachVolume;

pub(crate) struct AttachVolumeInput {
    volume: CompactString,
    instance: CompactString,
    device: CompactString,
}

impl Op for AttachVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "AttachVolume");
    type Input = AttachVolumeInput;
    type Output = AttachmentOutput;

    fn decode(params: &Params) -> Result<AttachVolumeInput, Fault> {
        Ok(AttachVolumeInput {
            volume: resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?,
            instance: resource_id(params.required("InstanceId")?, "i-", "InvalidInstanceID.Malformed")?,
            device: params.required("Device")?.into(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: AttachVolumeInput) -> Result<AttachmentOutput, Fault> {
        let volume = own_volume(world, ctx, &input.volume)?;
        let instance = instance(world, ctx, &input.instance)?;
        require_attachable(&volume, &instance, &input.device, ctx)?;
        ctx.commit()?;
        let attached_at = ctx.now.plus_secs(world.pace.instance_secs.into());
        let mut volume = Volume::clone(&volume);
        volume.attachment = Some((input.instance, input.device.clone()));
        volume.more_mut().attached = Some((ctx.now, attached_at));
        volume.more_mut().detaching = None;
        let mut attached = attached(&volume, Some(&instance), ctx.now);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(instance) = scope.instances.get_mut(&instance.id) {
            let device =
                InstanceDevice { name: input.device, volume: input.volume.clone(), delete_on_termination: false };
            let devices = &mut Arc::make_mut(instance).devices;
            *devices = devices.iter().cloned().chain([device]).collect();
        }
        scope.put_volume(volume);
        // The reply always tells of the beginning.
        if let Some(attached) = &mut attached {
            attached.state = "attaching".into();
        }
        attached
            .map(|attached| AttachmentOutput { volume: input.volume.clone(), attached })
            .ok_or_else(|| not_attached(&input.volume))
    }
}

fn instance(world: &World, ctx: &Ctx, id: &CompactString) -> Result<Arc<Instance>, Fault> {
    let instance = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.instances.get(id));
    let instance = instance
        .filter(|instance| instance.is_shown(ctx.now))
        .ok_or_else(|| Fault::new("InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist")))?;
    if instance.state == InstanceState::Terminated {
        return Err(Fault::new("IncorrectState", format!("Instance '{id}' is not 'running'.")));
    }
    Ok(Arc::clone(instance))
}

fn require_attachable(volume: &Volume, instance: &Instance, device: &str, ctx: &Ctx) -> Result<(), Fault> {
    match volume.status(ctx.now) {
        "available" => {}
        "in-use" => {
            let message = format!("{} is already attached to an instance", volume.id);
            return Err(Fault::new("VolumeInUse", message));
        }
        status => {
            let message = format!("{} is not 'available': it is '{status}'.", volume.id);
            return Err(Fault::new("IncorrectState", message));
        }
    }
    if volume.zone != instance.zone {
        let message =
            format!("The volume '{}' is not in the same availability zone as instance '{}'", volume.id, instance.id);
        return Err(Fault::new("InvalidVolume.ZoneMismatch", message));
    }
    let is_device = |character: char| character.is_ascii_alphanumeric() || "/_-".contains(character);
    if device.len() > 255 || !device.chars().all(is_device) {
        return Err(Fault::invalid_value("device", device));
    }
    if instance.devices.iter().any(|have| have.name == device) {
        let message = format!("Invalid value '{device}' for unixDevice. Attachment point {device} is already in use");
        return Err(Fault::new("InvalidParameterValue", message));
    }
    Ok(())
}

pub(crate) struct DetachVolume;

pub(crate) struct DetachVolumeInput {
    volume: CompactString,
    instance: Option<CompactString>,
    device: Option<CompactString>,
    force: bool,
}

impl Op for DetachVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DetachVolume");
    type Input = DetachVolumeInput;
    type Output = AttachmentOutput;

    fn decode(params: &Params) -> Result<DetachVolumeInput, Fault> {
        let instance = params.string("InstanceId");
        Ok(DetachVolumeInput {
            volume: resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?,
            instance: instance.map(|id| resource_id(&id, "i-", "InvalidInstanceID.Malformed")).transpose()?,
            device: params.string("Device").map(CompactString::from),
            force: params.flag("Force")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DetachVolumeInput) -> Result<AttachmentOutput, Fault> {
        let volume = own_volume(world, ctx, &input.volume)?;
        let (on, device) = volume.attachment.clone().ok_or_else(|| not_attached(&input.volume))?;
        let is_other =
            input.instance.is_some_and(|wanted| wanted != on) || input.device.is_some_and(|wanted| wanted != device);
        if is_other {
            let message = format!("The volume '{}' is not attached to instance '{on}' as named.", input.volume);
            return Err(Fault::new("InvalidAttachment.NotFound", message));
        }
        let instance = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.instances.get(&on)).cloned();
        if let Some(instance) = &instance
            && instance.state == InstanceState::Running
            && instance.root_device_name.as_ref() == Some(&device)
        {
            let message = format!("Unable to detach root volume '{device}' from instance '{on}'");
            return Err(Fault::new("OperationNotPermitted", message));
        }
        let mut gone = attached(&volume, instance.as_deref(), ctx.now).ok_or_else(|| not_attached(&input.volume))?;
        ctx.commit()?;
        gone.state = "detaching".into();
        // Force waits for nobody.
        let secs = if input.force { 0 } else { world.pace.instance_secs };
        let gone_at = ctx.now.plus_secs(secs.into());
        let mut volume = Volume::clone(&volume);
        volume.attachment = None;
        let more = volume.more_mut();
        more.attached = None;
        more.detaching = Some((gone.clone(), gone_at)).filter(|_| ctx.now < gone_at);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(instance) = scope.instances.get_mut(&on) {
            let devices = &mut Arc::make_mut(instance).devices;
            *devices = devices.iter().filter(|device| device.volume != input.volume).cloned().collect();
        }
        scope.put_volume(volume);
        Ok(AttachmentOutput { volume: input.volume, attached: gone })
    }
}

fn not_attached(id: &str) -> Fault {
    Fault::new("IncorrectState", format!("Volume '{id}' is in the 'available' state."))
}
