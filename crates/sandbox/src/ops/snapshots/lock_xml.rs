//! A snapshot's lock as EC2 writes it.

use amictl_model::Moment;

use crate::wire::Xml;
use crate::world::SnapshotLock;

/// The members that tell of a lock.
pub(super) fn write_lock(xml: &mut Xml, lock: &SnapshotLock, now: Moment) {
    xml.text("lockState", lock.state(now).as_str());
    xml.value("lockDuration", lock.days);
    if let Some(hours) = lock.cool_off_hours {
        xml.value("coolOffPeriod", hours);
    }
    if let Some(at) = lock.cool_off_ends_at() {
        xml.time("coolOffPeriodExpiresOn", at);
    }
    xml.time("lockCreatedOn", lock.created_at);
    xml.time("lockDurationStartTime", lock.starts_at);
    xml.time("lockExpiresOn", lock.expires_at);
}
