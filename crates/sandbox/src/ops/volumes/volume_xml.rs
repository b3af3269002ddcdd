//! A volume as EC2 writes it.

use amictl_model::Moment;

use crate::ops::Ctx;
use crate::wire::Xml;
use crate::world::zone_id;
use crate::world::{Attached, Instance, Scope, Volume};

/// The members of `Volume`; the instance is the one that it is attached to.
pub(crate) fn write_volume(xml: &mut Xml, volume: &Volume, instance: Option<&Instance>, ctx: &Ctx) {
    let shape = volume.shape();
    let more = volume.more.as_deref();
    xml.text("volumeId", &volume.id);
    xml.value("size", volume.size_gib);
    xml.text("snapshotId", volume.snapshot.as_ref().map_or("", |snapshot| snapshot.as_str()));
    xml.text("availabilityZone", &volume.zone);
    xml.text("availabilityZoneId", zone_id(&ctx.region, &volume.zone));
    xml.text("status", volume.status(ctx.now));
    xml.time("createTime", volume.created_at);
    xml.list("attachmentSet", "item", attached(volume, instance, ctx.now), |xml, attached| {
        write_attachment(xml, &volume.id, &attached);
    });
    xml.tag_set(&volume.tags);
    xml.text("volumeType", &volume.volume_type);
    if let Some(iops) = shape.iops {
        xml.value("iops", iops);
    }
    if let Some(throughput) = shape.throughput {
        xml.value("throughput", throughput);
    }
    xml.value("encrypted", volume.encrypted);
    if volume.encrypted {
        xml.optional("kmsKeyId", volume.kms_key.as_ref());
        xml.text("sseType", "sse-kms");
    }
    xml.value("multiAttachEnabled", shape.multi_attach);
    if more.is_some_and(|more| more.fast_restored) {
        xml.value("fastRestored", true);
    }
    if let Some(rate) = more.and_then(|more| more.initialization_rate) {
        xml.value("volumeInitializationRate", rate);
    }
    write_operator(xml, instance);
}

/// `operator`.
pub(super) fn write_operator(xml: &mut Xml, instance: Option<&Instance>) {
    let principal = instance.and_then(|instance| instance.hidden_for.as_ref());
    xml.element("operator", |xml| {
        xml.value("managed", principal.is_some());
        xml.optional("principal", principal);
    });
}

/// The members of `VolumeAttachment`.
pub(super) fn write_attachment(xml: &mut Xml, volume: &str, attached: &Attached) {
    xml.text("volumeId", volume);
    xml.text("instanceId", &attached.instance);
    xml.text("device", &attached.device);
    xml.text("status", &attached.state);
    xml.time("attachTime", attached.since);
    xml.value("deleteOnTermination", attached.delete_on_termination);
}

/// The attachment of a volume, with what its instance knows of it.
pub(super) fn attached(volume: &Volume, instance: Option<&Instance>, now: Moment) -> Option<Attached> {
    let mut attached = volume.attached(now)?;
    if let Some(instance) = instance {
        let device = instance.devices.iter().find(|device| device.volume == volume.id);
        attached.delete_on_termination |= device.is_some_and(|device| device.delete_on_termination);
    }
    Some(attached)
}

/// The instance that a volume is attached to.
pub(super) fn instance_of<'a>(scope: &'a Scope, volume: &Volume) -> Option<&'a Instance> {
    let (instance, _) = volume.attachment.as_ref()?;
    scope.instances.get(instance).map(std::sync::Arc::as_ref)
}
