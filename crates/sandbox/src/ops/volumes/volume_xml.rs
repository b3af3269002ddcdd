//! A volume as EC2 writes it.

use crate::wire::Xml;
use crate::world::Volume;

/// The members of `Volume`.
pub(crate) fn write_volume(xml: &mut Xml, volume: &Volume) {
    xml.text("volumeId", &volume.id);
    xml.value("size", volume.size_gib);
    xml.text("snapshotId", volume.snapshot.as_ref().map_or("", |snapshot| snapshot.as_str()));
    xml.text("availabilityZone", &volume.zone);
    xml.text("status", status(volume));
    xml.time("createTime", volume.created_at);
    xml.list("attachmentSet", "item", &volume.attachment, |xml, (instance, device)| {
        xml.text("volumeId", &volume.id);
        xml.text("instanceId", instance);
        xml.text("device", device);
        xml.text("status", "attached");
        xml.time("attachTime", volume.created_at);
        xml.value("deleteOnTermination", true);
    });
    xml.tag_set(&volume.tags);
    xml.text("volumeType", &volume.volume_type);
    if let Some(iops) = volume.iops {
        xml.value("iops", iops);
    }
    if let Some(throughput) = volume.throughput {
        xml.value("throughput", throughput);
    }
    xml.value("encrypted", volume.encrypted);
    xml.optional("kmsKeyId", volume.kms_key.as_ref());
    xml.value("multiAttachEnabled", false);
}

/// `State` on the wire.
pub(crate) fn status(volume: &Volume) -> &'static str {
    if volume.attachment.is_some() { "in-use" } else { "available" }
}
