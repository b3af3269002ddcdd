//! EC2 `ExportImage` and `CancelExportTask`.
//!
//! What a disk image contains is nothing that anyone here reads, so no object is written.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState, Moment, Tags};
use compact_str::{CompactString, format_compact};

use super::own_image::own_image_in;
use super::store_image_task::require_bucket;
use crate::ops::input::{image_id, tag_specification};
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::ExportImageTask;
use crate::{Fault, World};

pub(crate) struct ExportImage;

pub(crate) struct ExportImageInput {
    description: Option<Box<str>>,
    image: ImageId,
    format: CompactString,
    bucket: Box<str>,
    prefix: Option<Box<str>>,
    role: Option<Box<str>>,
    tags: Tags,
}

pub(crate) struct ExportImageOutput {
    task: Arc<ExportImageTask>,
    now: Moment,
}

impl Op for ExportImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ExportImage");
    type Input = ExportImageInput;
    type Output = ExportImageOutput;

    fn decode(params: &Params) -> Result<ExportImageInput, Fault> {
        let place = params.structure("S3ExportLocation").ok_or_else(|| Fault::missing("S3ExportLocation"))?;
        Ok(ExportImageInput {
            description: params.string("Description").map(String::into_boxed_str),
            image: image_id(params.required("ImageId")?)?,
            format: params.required("DiskImageFormat")?.into(),
            bucket: place.required("S3Bucket")?.into(),
            prefix: place.string("S3Prefix").map(String::into_boxed_str),
            role: params.string("RoleName").map(String::into_boxed_str),
            tags: tag_specification(params, "export-image-task")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ExportImageInput) -> Result<ExportImageOutput, Fault> {
        own_image_in(world, ctx, &input.image, &[ImageState::Available])?;
        require_bucket(world, ctx, &input.bucket)?;
        ctx.commit()?;
        let task = Arc::new(ExportImageTask {
            id: world.new_id("export-ami-"),
            description: input.description,
            image: input.image,
            format: input.format,
            bucket: input.bucket,
            prefix: input.prefix,
            role: input.role,
            started_at: ctx.now,
            done_at: ctx.now.plus_secs(world.pace.task_secs.into()),
            is_cancelled: false,
            tags: input.tags,
        });
        let exports = &mut world.scope_mut(ctx.account, &ctx.region).image_exports;
        exports.insert(task.id.clone(), Arc::clone(&task));
        Ok(ExportImageOutput { task, now: ctx.now })
    }
}

impl Encode for ExportImageOutput {
    fn encode(&self, xml: &mut Xml) {
        write_task(xml, &self.task, self.now, true);
    }
}

/// An export task as EC2 writes it; only the reply that begins it tells its format and role.
pub(super) fn write_task(xml: &mut Xml, task: &ExportImageTask, now: Moment, is_new: bool) {
    xml.optional("description", task.description.as_ref());
    if is_new {
        xml.text("diskImageFormat", &task.format);
        xml.optional("roleName", task.role.as_ref());
    }
    xml.text("exportImageTaskId", &task.id);
    xml.text("imageId", &task.image);
    if let Some(progress) = task.progress(now) {
        xml.value("progress", progress);
    }
    xml.element("s3ExportLocation", |xml| {
        xml.text("s3Bucket", &task.bucket);
        xml.optional("s3Prefix", task.prefix.as_ref());
    });
    xml.text("status", task.status(now));
    xml.tag_set(&task.tags);
}

pub(crate) struct CancelExportTask;

impl Op for CancelExportTask {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CancelExportTask");
    type Input = CompactString;
    type Output = Done;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        params.required("ExportTaskId").map(Into::into)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Done, Fault> {
        let exports = &mut world.scope_mut(ctx.account, &ctx.region).image_exports;
        let status = exports.get(&id).ok_or_else(|| no_export(&id))?.status(ctx.now);
        if status != "active" {
            let message = format!("The export task {id} is in the state '{status}' and cannot be cancelled.");
            return Err(Fault::new("IncorrectState", message));
        }
        ctx.commit()?;
        if let Some(task) = exports.get_mut(&id) {
            Arc::make_mut(task).is_cancelled = true;
        }
        Ok(Done)
    }
}

/// A task that is not there.
pub(super) fn no_export(id: &str) -> Fault {
    let id = format_compact!("{}", id.chars().take(60).collect::<String>());
    Fault::new("InvalidExportTaskID.NotFound", format!("The export task ID '{id}' does not exist."))
}
