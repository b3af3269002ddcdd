//! A snapshot as EC2 writes it.

use amictl_model::Moment;

use super::encryption::data_key;
use crate::wire::Xml;
use crate::world::Snapshot;

/// The members of `Snapshot`.
pub(crate) fn write_snapshot(xml: &mut Xml, snapshot: &Snapshot, now: Moment) {
    xml.text("snapshotId", &snapshot.id);
    xml.text("volumeId", &snapshot.volume);
    xml.text("status", snapshot.status(now));
    xml.optional("statusMessage", snapshot.status_message(now));
    xml.time("startTime", snapshot.started_at);
    xml.text("progress", snapshot.progress(now));
    xml.value("ownerId", snapshot.owner);
    xml.optional("ownerAlias", owner_alias(snapshot));
    xml.value("volumeSize", snapshot.size_gib);
    xml.text("description", snapshot.description.as_deref().unwrap_or_default());
    write_encryption(xml, snapshot);
    xml.value("fullSnapshotSizeInBytes", snapshot.full_size_bytes);
    xml.text("storageTier", snapshot.storage_tier(now));
    if let Some(at) = snapshot.restore_expiry(now) {
        xml.time("restoreExpiryTime", at);
    }
    xml.text("transferType", transfer_type(snapshot));
    if let Some(minutes) = duration_minutes(snapshot) {
        xml.value("completionDurationMinutes", minutes);
    }
    if let Some(at) = snapshot.completion_time(now) {
        xml.time("completionTime", at);
    }
    xml.tag_set(&snapshot.tags);
}

fn write_encryption(xml: &mut Xml, snapshot: &Snapshot) {
    xml.value("encrypted", snapshot.encrypted);
    if snapshot.encrypted {
        xml.optional("kmsKeyId", snapshot.kms_key.as_ref());
        xml.text("dataEncryptionKeyId", data_key(&snapshot.volume, snapshot.id.as_str()));
        xml.text("sseType", "sse-kms");
    }
}

/// The members of `SnapshotInfo`, which names the state in its own way.
pub(super) fn write_snapshot_info(xml: &mut Xml, snapshot: &Snapshot, now: Moment) {
    xml.text("description", snapshot.description.as_deref().unwrap_or_default());
    xml.tag_set(&snapshot.tags);
    xml.value("encrypted", snapshot.encrypted);
    xml.text("volumeId", &snapshot.volume);
    xml.text("state", snapshot.status(now));
    xml.value("volumeSize", snapshot.size_gib);
    xml.time("startTime", snapshot.started_at);
    xml.text("progress", snapshot.progress(now));
    xml.value("ownerId", snapshot.owner);
    xml.text("snapshotId", &snapshot.id);
    if snapshot.encrypted {
        xml.text("sseType", "sse-kms");
    }
}

/// `TransferType`.
pub(super) fn transfer_type(snapshot: &Snapshot) -> &'static str {
    if duration_minutes(snapshot).is_some() { "time-based" } else { "standard" }
}

fn duration_minutes(snapshot: &Snapshot) -> Option<u32> {
    snapshot.more.as_ref()?.completion_duration_minutes
}

/// `OwnerAlias`.
pub(super) fn owner_alias(snapshot: &Snapshot) -> Option<&'static str> {
    crate::world::owner_alias(snapshot.owner)
}
