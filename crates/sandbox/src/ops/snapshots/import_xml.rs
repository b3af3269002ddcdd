//! An import task as EC2 writes it.

use amictl_model::Moment;

use crate::wire::Xml;
use crate::world::{DiskPlace, ImportTask, percent};

/// `snapshotTaskDetail`.
pub(super) fn write_detail(xml: &mut Xml, task: &ImportTask, now: Moment) {
    let status = task.status(now);
    xml.element("snapshotTaskDetail", |xml| {
        xml.optional("description", task.disk_description.as_ref());
        xml.value("diskImageSize", task.image_bytes as f64);
        xml.value("encrypted", task.encrypted);
        xml.text("format", &task.format);
        xml.optional("kmsKeyId", task.kms_key.as_ref());
        xml.text("status", status);
        xml.optional("statusMessage", task.status_message(now));
        match status {
            "active" => xml.value("progress", percent(task.started_at, task.done_at, now)),
            "completed" => xml.text("snapshotId", &task.snapshot),
            _ => {}
        }
        match &task.place {
            DiskPlace::Url(url) => xml.text("url", url),
            DiskPlace::Bucket { bucket, key } => xml.element("userBucket", |xml| {
                xml.text("s3Bucket", bucket);
                xml.text("s3Key", key);
            }),
        }
    });
}
