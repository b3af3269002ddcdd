//! A snapshot as EC2 writes it.

use crate::wire::Xml;
use crate::world::Snapshot;

/// The members of `Snapshot`.
pub(crate) fn write_snapshot(xml: &mut Xml, snapshot: &Snapshot) {
    xml.text("snapshotId", &snapshot.id);
    xml.text("volumeId", &snapshot.volume);
    xml.text("status", snapshot.status());
    xml.time("startTime", snapshot.started_at);
    xml.text("progress", if snapshot.status() == "completed" { "100%" } else { "0%" });
    xml.value("ownerId", snapshot.owner);
    xml.value("volumeSize", snapshot.size_gib);
    xml.text("description", snapshot.description.as_deref().unwrap_or_default());
    xml.value("encrypted", snapshot.encrypted);
    xml.optional("kmsKeyId", snapshot.kms_key.as_ref());
    xml.value("fullSnapshotSizeInBytes", snapshot.full_size_bytes);
    xml.text("storageTier", snapshot.storage_tier());
    xml.tag_set(&snapshot.tags);
}
