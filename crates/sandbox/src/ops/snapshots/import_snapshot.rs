//! EC2 `ImportSnapshot` and `CancelImportTask`: the snapshot of a disk image, complete when the task is.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, SnapshotState, Tags};
use compact_str::{CompactString, format_compact};

use super::disk_image::{DiskImage, disk_image, written_raw};
use super::encryption::{KEY_NOT_ACCESSIBLE, is_key_accessible, wanted_key};
use super::import_xml::write_detail;
use crate::ops::input::tag_specification;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{BLOCK_BYTES, COPY_VOLUME, DiskPlace, ImportTask, Snapshot};
use crate::{Fault, World};

const GIB: u64 = 1 << 30;

pub(crate) struct ImportSnapshot;

pub(crate) struct ImportSnapshotInput {
    description: Option<Box<str>>,
    disk_description: Option<Box<str>>,
    format: CompactString,
    place: DiskPlace,
    upload_bytes: Option<u64>,
    encrypted: bool,
    kms_key: Option<String>,
    tags: Tags,
}

pub(crate) struct ImportSnapshotOutput {
    task: Arc<ImportTask>,
    now: Moment,
}

impl Op for ImportSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ImportSnapshot");
    type Input = ImportSnapshotInput;
    type Output = ImportSnapshotOutput;

    fn decode(params: &Params) -> Result<ImportSnapshotInput, Fault> {
        let disk = params.structure("DiskContainer").ok_or_else(|| Fault::missing("DiskContainer"))?;
        let format = disk.required("Format")?.to_ascii_uppercase();
        if !["VHD", "VHDX", "VMDK", "RAW"].contains(&format.as_str()) {
            return Err(Fault::invalid_value("Format", &format));
        }
        Ok(ImportSnapshotInput {
            description: params.string("Description").map(String::into_boxed_str),
            disk_description: disk.string("Description").map(String::into_boxed_str),
            format: format.into(),
            place: place(disk)?,
            upload_bytes: upload_bytes(params)?,
            encrypted: params.flag("Encrypted")?,
            kms_key: params.string("KmsKeyId"),
            tags: tag_specification(params, "import-snapshot-task")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ImportSnapshotInput) -> Result<ImportSnapshotOutput, Fault> {
        let kms_key = wanted_key(ctx, input.encrypted, input.kms_key.as_deref())?;
        let disk = disk_image(world, ctx, &input.place, &input.format, input.upload_bytes)?;
        ctx.commit()?;
        let id = world.new_id("import-snap-");
        let done_at = ctx.now.plus_secs(world.pace.snapshot_secs.into());
        let snapshot = imported(world, ctx, &id, &disk, kms_key.clone(), done_at);
        let task = Arc::new(ImportTask {
            id: id.clone(),
            description: input.description,
            format: input.format,
            disk_description: input.disk_description,
            place: input.place,
            snapshot: snapshot.id.clone(),
            image_bytes: disk.bytes,
            encrypted: input.encrypted,
            kms_key,
            started_at: ctx.now,
            done_at,
            cancelled: None,
            failure: disk.failure,
            tags: input.tags,
        });
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if task.failure.is_none() {
            scope.put_snapshot(snapshot);
        }
        scope.snapshot_shelves.imports.insert(id, Arc::clone(&task));
        Ok(ImportSnapshotOutput { task, now: ctx.now })
    }
}

pub(crate) fn place(disk: &Params) -> Result<DiskPlace, Fault> {
    match (disk.structure("UserBucket"), disk.string("Url")) {
        (Some(bucket), None) => {
            Ok(DiskPlace::Bucket { bucket: bucket.required("S3Bucket")?.into(), key: bucket.required("S3Key")?.into() })
        }
        (None, Some(url)) => Ok(DiskPlace::Url(url.into_boxed_str())),
        (Some(_), Some(_)) => Err(Fault::new("InvalidParameterCombination", "Url cannot be used with UserBucket")),
        (None, None) => Err(Fault::missing("UserBucket")),
    }
}

/// `ClientData.UploadSize`, which is in bytes and a double on the wire.
pub(crate) fn upload_bytes(params: &Params) -> Result<Option<u64>, Fault> {
    let Some(text) = params.structure("ClientData").and_then(|data| data.string("UploadSize")) else { return Ok(None) };
    match text.parse::<f64>() {
        Ok(bytes) if (1.0..=16.0 * (1_u64 << 40) as f64).contains(&bytes) => Ok(Some(bytes as u64)),
        _ => Err(Fault::invalid_value("UploadSize", &text)),
    }
}

pub(crate) fn imported(
    world: &mut World,
    ctx: &Ctx,
    task: &str,
    disk: &DiskImage,
    kms_key: Option<Box<str>>,
    done_at: Moment,
) -> Snapshot {
    let size_gib = u32::try_from(disk.bytes.div_ceil(GIB)).unwrap_or(u32::MAX);
    let id = world.new_snapshot_id();
    let mut snapshot = Snapshot::new(id, ctx.account, COPY_VOLUME.into(), size_gib, ctx.now);
    snapshot.full_size_bytes = disk.bytes.div_ceil(BLOCK_BYTES) * BLOCK_BYTES;
    if let Some(raw) = &disk.raw {
        let lineage = written_raw(raw, snapshot.id.as_str(), size_gib, ctx.now);
        snapshot.full_size_bytes = lineage.count() * BLOCK_BYTES;
        snapshot.more_mut().lineage = Some(Arc::new(lineage));
    }
    let description = format!("Created by AWS-VMImport service for {task}");
    snapshot.description = Some(description.into_boxed_str());
    snapshot.encrypted = kms_key.is_some();
    if kms_key.as_deref().is_some_and(|key| !is_key_accessible(ctx, key)) {
        snapshot.state = SnapshotState::Error;
        snapshot.more_mut().error = Some(KEY_NOT_ACCESSIBLE.into());
    }
    snapshot.kms_key = kms_key;
    snapshot.complete_at(done_at);
    snapshot
}

impl Encode for ImportSnapshotOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.optional("description", self.task.description.as_ref());
        xml.text("importTaskId", &self.task.id);
        write_detail(xml, &self.task, self.now);
        xml.tag_set(&self.task.tags);
    }
}

pub(crate) struct CancelImportTask;

pub(crate) struct CancelImportTaskInput {
    task: CompactString,
    reason: Option<Box<str>>,
}

pub(crate) struct CancelImportTaskOutput {
    task: CompactString,
    previous: &'static str,
}

impl Op for CancelImportTask {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CancelImportTask");
    type Input = CancelImportTaskInput;
    type Output = CancelImportTaskOutput;

    fn decode(params: &Params) -> Result<CancelImportTaskInput, Fault> {
        let reason = params.string("CancelReason").map(String::into_boxed_str);
        Ok(CancelImportTaskInput { task: params.required("ImportTaskId")?.into(), reason })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CancelImportTaskInput) -> Result<CancelImportTaskOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let of_image = scope.image_imports.get(&input.task).map(|task| {
            // A disk that was a snapshot before stays one.
            let made = task.disks.iter().filter(|disk| disk.place.is_some()).map(|disk| disk.snapshot.clone());
            (task.status(ctx.now), made.collect(), Some(task.image.clone()))
        });
        let of_snapshot = || {
            let task = scope.snapshot_shelves.imports.get(&input.task)?;
            Some((task.status(ctx.now), vec![task.snapshot.clone()], None))
        };
        let (previous, snapshots, image) = of_image.or_else(of_snapshot).ok_or_else(|| no_task(&input.task))?;
        if previous != "active" {
            let message =
                format!("The import task {} is in the state '{previous}' and cannot be cancelled.", input.task);
            return Err(Fault::new("IncorrectState", message));
        }
        ctx.commit()?;
        if let Some(image) = image {
            scope.remove_image(&image);
        }
        for snapshot in snapshots {
            scope.snapshots.remove(&snapshot);
        }
        let reason = input.reason.unwrap_or_else(|| "Cancelled by user".into());
        if let Some(task) = scope.image_imports.get_mut(&input.task) {
            Arc::make_mut(task).cancelled = Some(reason);
        } else if let Some(task) = scope.snapshot_shelves.imports.get_mut(&input.task) {
            Arc::make_mut(task).cancelled = Some(reason);
        }
        Ok(CancelImportTaskOutput { task: input.task, previous })
    }
}

/// A task that is not there.
pub(crate) fn no_task(id: &str) -> Fault {
    let id = format_compact!("{}", id.chars().take(60).collect::<String>());
    Fault::new("InvalidConversionTaskId", format!("The import task ID '{id}' does not exist."))
}

impl Encode for CancelImportTaskOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("importTaskId", &self.task);
        xml.text("previousState", self.previous);
        xml.text("state", "deleting");
    }
}
