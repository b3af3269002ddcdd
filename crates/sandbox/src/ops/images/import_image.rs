//! EC2 `ImportImage`: an image of disk images, available when the task is done.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, SnapshotId, Tags};
use compact_str::{CompactString, format_compact};

use super::new_image::{make_pending, require_room};
use crate::ops::input::{snapshot_id, tag_specification};
use crate::ops::snapshots::disk_image::{DiskImage, disk_image};
use crate::ops::snapshots::encryption::{is_key_accessible, wanted_key};
use crate::ops::snapshots::import_snapshot::{imported, place, upload_bytes};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{DiskPlace, Image, ImageTraits, ImportImageTask, ImportedDisk, MappedEbs, Mapping};
use crate::{Fault, World};

pub(crate) struct ImportImage;

pub(crate) struct ImportImageInput {
    description: Option<Box<str>>,
    architecture: CompactString,
    platform: CompactString,
    license: Option<CompactString>,
    boot_mode: Option<CompactString>,
    encrypted: bool,
    kms_key: Option<String>,
    disks: Vec<Disk>,
    upload_bytes: Option<u64>,
    tags: Tags,
}

/// `DiskContainer.N`.
struct Disk {
    description: Option<Box<str>>,
    format: Option<CompactString>,
    device: Option<CompactString>,
    from: From,
}

enum From {
    Place(DiskPlace),
    Snapshot(SnapshotId),
}

impl Op for ImportImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ImportImage");
    type Input = ImportImageInput;
    type Output = ImportImageOutput;

    fn decode(params: &Params) -> Result<ImportImageInput, Fault> {
        let disks: Vec<Disk> = params.structures("DiskContainer")?.into_iter().map(disk).collect::<Result<_, _>>()?;
        if disks.is_empty() {
            return Err(Fault::missing("DiskContainers"));
        }
        let text = |name: &str| params.string(name).map(CompactString::from);
        let known = |name: &str, values: &[&str], usual: &str| match params.text(name) {
            None | Some("") => Ok(CompactString::from(usual)),
            Some(value) if values.contains(&value) => Ok(value.into()),
            Some(value) => Err(Fault::invalid_value(name, value)),
        };
        Ok(ImportImageInput {
            description: params.string("Description").map(String::into_boxed_str),
            architecture: known("Architecture", &["i386", "x86_64", "arm64"], "x86_64")?,
            platform: known("Platform", &["Windows", "Linux"], "Linux")?,
            license: text("LicenseType"),
            boot_mode: text("BootMode"),
            encrypted: params.flag("Encrypted")?,
            kms_key: params.string("KmsKeyId"),
            disks,
            upload_bytes: upload_bytes(params)?,
            tags: tag_specification(params, "import-image-task")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ImportImageInput) -> Result<ImportImageOutput, Fault> {
        let kms_key = wanted_key(ctx, input.encrypted, input.kms_key.as_deref())?;
        let mut read = Vec::with_capacity(input.disks.len());
        for disk in &input.disks {
            read.push(match &disk.from {
                From::Place(place) => {
                    Some(disk_image(world, ctx, place, disk.format.as_deref().unwrap_or("RAW"), input.upload_bytes)?)
                }
                From::Snapshot(id) => {
                    let scope = world.scope(ctx.account, &ctx.region);
                    scope.and_then(|scope| scope.snapshots.get(id)).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
                    None
                }
            });
        }
        require_room(world, ctx)?;
        ctx.commit()?;
        let id = world.new_id("import-ami-");
        let done_at = ctx.now.plus_secs(world.pace.image_secs.into());
        let failure = read.iter().flatten().find_map(|disk| disk.failure.clone()).or_else(|| {
            let is_lost = kms_key.as_deref().is_some_and(|key| !is_key_accessible(ctx, key));
            is_lost.then(|| "ClientError: The KMS key cannot be used.".into())
        });
        let mut disks = Vec::with_capacity(input.disks.len());
        let import = Import { id: &id, kms_key: kms_key.as_deref(), done_at, fails: failure.is_some() };
        for (at, (disk, read)) in input.disks.into_iter().zip(read).enumerate() {
            disks.push(import.disk(world, ctx, at, disk, read));
        }
        let task = ImportImageTask {
            image: world.new_image_id(),
            id,
            description: input.description,
            architecture: input.architecture,
            platform: input.platform,
            license: input.license,
            boot_mode: input.boot_mode,
            encrypted: input.encrypted,
            kms_key,
            disks,
            started_at: ctx.now,
            done_at,
            cancelled: None,
            failure,
            tags: input.tags,
        };
        if task.failure.is_none() {
            let image = image_of(ctx, &task);
            world.scope_mut(ctx.account, &ctx.region).put_image(image);
        }
        let task = Arc::new(task);
        world.scope_mut(ctx.account, &ctx.region).image_imports.insert(task.id.clone(), Arc::clone(&task));
        Ok(ImportImageOutput { task, now: ctx.now })
    }
}

fn disk(params: &Params) -> Result<Disk, Fault> {
    let format = params.text("Format").map(str::to_ascii_uppercase);
    let from = match params.text("SnapshotId") {
        Some(id) => From::Snapshot(snapshot_id(id)?),
        None => From::Place(place(params)?),
    };
    if let Some(format) = format.as_deref().filter(|format| !["OVA", "VHD", "VHDX", "VMDK", "RAW"].contains(format)) {
        return Err(Fault::invalid_value("Format", format));
    }
    if format.is_none() && matches!(from, From::Place(_)) {
        return Err(Fault::missing("Format"));
    }
    Ok(Disk {
        description: params.string("Description").map(String::into_boxed_str),
        format: format.map(CompactString::from),
        device: params.string("DeviceName").map(CompactString::from),
        from,
    })
}

/// What the disks of an import have in common.
struct Import<'a> {
    id: &'a str,
    kms_key: Option<&'a str>,
    done_at: Moment,
    fails: bool,
}

impl Import<'_> {
    /// Makes the snapshot of a disk image, unless the import fails or it was a snapshot already.
    fn disk(&self, world: &mut World, ctx: &Ctx, at: usize, disk: Disk, read: Option<DiskImage>) -> ImportedDisk {
        let letter = char::from(b'a' + u8::try_from(at % 26).unwrap_or_default());
        let usual = if at == 0 { CompactString::from("/dev/sda1") } else { format_compact!("/dev/sd{letter}") };
        let image_bytes = read.as_ref().map_or(0, |read| read.bytes);
        let (place, snapshot) = match (disk.from, read) {
            (From::Place(place), Some(read)) => {
                let key = self.kms_key.map(Into::into);
                let snapshot = imported(world, ctx, self.id, &read, key, self.done_at);
                let id = snapshot.id.clone();
                if !self.fails {
                    world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
                }
                (Some(place), id)
            }
            (From::Place(place), None) => (Some(place), world.new_snapshot_id()),
            (From::Snapshot(id), _) => (None, id),
        };
        ImportedDisk {
            description: disk.description,
            format: disk.format,
            device: disk.device.unwrap_or(usual),
            place,
            snapshot,
            image_bytes,
        }
    }
}

/// The image of an import, which has the name of its task.
fn image_of(ctx: &Ctx, task: &ImportImageTask) -> Image {
    let mapping = |disk: &ImportedDisk| Mapping {
        device_name: disk.device.clone(),
        ebs: Some(MappedEbs {
            snapshot: Some(disk.snapshot.clone()),
            size_gib: Some(u32::try_from(disk.image_bytes.div_ceil(1 << 30)).unwrap_or(u32::MAX).max(1)),
            volume_type: Some("gp2".into()),
            encrypted: task.encrypted,
            delete_on_termination: Some(true),
            ..MappedEbs::default()
        }),
        ..Mapping::default()
    };
    let traits = ImageTraits {
        architecture: task.architecture.clone(),
        root_device_name: task.disks.first().map(|disk| disk.device.clone()),
        boot_mode: task.boot_mode.clone(),
        platform: (task.platform == "Windows").then(|| "windows".into()),
        ..ImageTraits::default()
    };
    let mut image = Image {
        description: Some(format!("AWS-VMImport service: {} - {}", task.platform, task.id).into()),
        mappings: task.disks.iter().map(mapping).collect(),
        traits: Arc::new(traits),
        ..Image::new(task.image.clone(), ctx.account, &task.id, ctx.now)
    };
    make_pending(&mut image, ctx, task.done_at, None);
    image
}

pub(crate) struct ImportImageOutput {
    task: Arc<ImportImageTask>,
    now: Moment,
}

impl Encode for ImportImageOutput {
    fn encode(&self, xml: &mut Xml) {
        write_task(xml, &self.task, self.now);
    }
}

/// An import task as EC2 writes it.
pub(super) fn write_task(xml: &mut Xml, task: &ImportImageTask, now: Moment) {
    xml.text("architecture", &task.architecture);
    xml.optional("description", task.description.as_ref());
    xml.value("encrypted", task.encrypted);
    xml.optional("imageId", task.shown_image(now));
    xml.text("importTaskId", &task.id);
    xml.optional("kmsKeyId", task.kms_key.as_ref());
    xml.optional("licenseType", task.license.as_ref());
    xml.text("platform", &task.platform);
    if let Some(progress) = task.progress(now) {
        xml.value("progress", progress);
    }
    xml.list("snapshotDetailSet", "item", &task.disks, |xml, disk| {
        xml.optional("description", disk.description.as_ref());
        xml.text("deviceName", &disk.device);
        xml.value("diskImageSize", disk.image_bytes as f64);
        xml.optional("format", disk.format.as_ref());
        if task.status(now) == "completed" {
            xml.text("snapshotId", &disk.snapshot);
        }
        xml.text("status", task.status(now));
        match &disk.place {
            Some(DiskPlace::Url(url)) => xml.text("url", url),
            Some(DiskPlace::Bucket { bucket, key }) => xml.element("userBucket", |xml| {
                xml.text("s3Bucket", bucket);
                xml.text("s3Key", key);
            }),
            None => {}
        }
    });
    xml.text("status", task.status(now));
    xml.optional("statusMessage", task.status_message(now));
    xml.tag_set(&task.tags);
    xml.optional("bootMode", task.boot_mode.as_ref());
}
