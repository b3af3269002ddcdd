//! EC2 `ModifyVolume` and `DescribeVolumesModifications`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;

use super::describe_volumes::VolumesInput;
use super::own_volume::{own_volume, require_created};
use super::shape_rules::require_possible;
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Modification, Shape, Volume};
use crate::{Fault, World};

/// Modifications of a volume within a day.
const MODIFICATIONS_MAX: usize = 4;
const DAY_SECS: i64 = 86_400;

pub(crate) struct ModifyVolume;

pub(crate) struct ModifyVolumeInput {
    volume: CompactString,
    size_gib: Option<u32>,
    volume_type: Option<CompactString>,
    iops: Option<u32>,
    throughput: Option<u32>,
    multi_attach: Option<bool>,
}

pub(crate) struct ModifyVolumeOutput {
    volume: CompactString,
    modification: Modification,
    ctx: Ctx,
}

impl Op for ModifyVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyVolume");
    type Input = ModifyVolumeInput;
    type Output = ModifyVolumeOutput;

    fn decode(params: &Params) -> Result<ModifyVolumeInput, Fault> {
        Ok(ModifyVolumeInput {
            volume: resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?,
            size_gib: params.unsigned("Size")?,
            volume_type: params.string("VolumeType").map(CompactString::from),
            iops: params.unsigned("Iops")?,
            throughput: params.unsigned("Throughput")?,
            multi_attach: params.boolean("MultiAttachEnabled")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ModifyVolumeInput) -> Result<ModifyVolumeOutput, Fault> {
        let volume = own_volume(world, ctx, &input.volume)?;
        require_created(&volume, ctx)?;
        require_rest(&volume, ctx)?;
        let wanted = wanted(&volume, &input)?;
        ctx.commit()?;
        let original = volume.shape();
        let mut volume = Volume::clone(&volume);
        (volume.size_gib, volume.iops, volume.throughput) = (wanted.size_gib, wanted.iops, wanted.throughput);
        volume.volume_type = wanted.volume_type;
        volume.more_mut().multi_attach = wanted.multi_attach;
        let done_at = ctx.now.plus_secs(world.pace.task_secs.into());
        let modification = Modification { original, target: volume.shape(), started_at: ctx.now, done_at };
        volume.more_mut().modifications.push(modification.clone());
        world.scope_mut(ctx.account, &ctx.region).put_volume(volume);
        Ok(ModifyVolumeOutput { volume: input.volume, modification, ctx: ctx.clone() })
    }
}

/// Refuses a volume that is being modified, or was modified too often.
fn require_rest(volume: &Volume, ctx: &Ctx) -> Result<(), Fault> {
    let modifications = volume.more.as_ref().map_or(&[][..], |more| more.modifications.as_slice());
    if let Some(last) = modifications.last().filter(|last| last.state(ctx.now) != "completed") {
        let message = format!("Volume {} is already in the modification state '{}'.", volume.id, last.state(ctx.now));
        return Err(Fault::new("IncorrectModificationState", message));
    }
    let recent = modifications.iter().filter(|one| ctx.now.seconds_since(one.started_at) < DAY_SECS);
    if recent.count() >= MODIFICATIONS_MAX {
        let message = format!("You've reached the limit of {MODIFICATIONS_MAX} modifications of a volume in 24 hours.");
        return Err(Fault::new("VolumeModificationRateExceeded", message));
    }
    Ok(())
}

/// What the volume is to be; IOPS and throughput of another type are not kept.
fn wanted(volume: &Volume, input: &ModifyVolumeInput) -> Result<Shape, Fault> {
    let have = volume.shape();
    let volume_type = input.volume_type.clone().unwrap_or_else(|| volume.volume_type.clone());
    let is_same_type = volume_type == volume.volume_type;
    let wanted = Shape {
        size_gib: input.size_gib.unwrap_or(have.size_gib),
        iops: input.iops.or(volume.iops.filter(|_| is_same_type || volume_type.starts_with("io"))),
        throughput: input.throughput.or(volume.throughput.filter(|_| is_same_type)),
        multi_attach: input.multi_attach.unwrap_or(have.multi_attach),
        volume_type,
    };
    if wanted.size_gib < have.size_gib {
        return Err(Fault::new("InvalidParameterValue", "New size cannot be smaller than existing size"));
    }
    require_possible(&wanted)?;
    Ok(wanted)
}

impl Encode for ModifyVolumeOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.element("volumeModification", |xml| write_modification(xml, &self.volume, &self.modification, &self.ctx));
    }
}

fn write_modification(xml: &mut Xml, volume: &str, modification: &Modification, ctx: &Ctx) {
    xml.text("volumeId", volume);
    xml.text("modificationState", modification.state(ctx.now));
    write_shape(xml, "target", &modification.target);
    write_shape(xml, "original", &modification.original);
    xml.value("progress", modification.progress(ctx.now));
    xml.time("startTime", modification.started_at);
    if ctx.now >= modification.done_at {
        xml.time("endTime", modification.done_at);
    }
}

fn write_shape(xml: &mut Xml, prefix: &str, shape: &Shape) {
    xml.value(&format!("{prefix}Size"), shape.size_gib);
    if let Some(iops) = shape.iops {
        xml.value(&format!("{prefix}Iops"), iops);
    }
    xml.text(&format!("{prefix}VolumeType"), &shape.volume_type);
    if let Some(throughput) = shape.throughput {
        xml.value(&format!("{prefix}Throughput"), throughput);
    }
    xml.value(&format!("{prefix}MultiAttachEnabled"), shape.multi_attach);
}

const MODIFICATION_FILTERS: &[&str] = &[
    "modification-state",
    "original-iops",
    "original-size",
    "original-volume-type",
    "originalMultiAttachEnabled",
    "start-time",
    "target-iops",
    "target-size",
    "target-volume-type",
    "targetMultiAttachEnabled",
    "volume-id",
];

pub(crate) struct DescribeVolumesModifications;

pub(crate) struct DescribeVolumesModificationsOutput {
    volumes: Vec<Arc<Volume>>,
    ctx: Ctx,
    next_token: Option<String>,
}

impl Op for DescribeVolumesModifications {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumesModifications");
    type Input = VolumesInput;
    type Output = DescribeVolumesModificationsOutput;
    paged!();

    fn decode(params: &Params) -> Result<VolumesInput, Fault> {
        VolumesInput::decode(params, MODIFICATION_FILTERS)
    }

    fn run(world: &mut World, ctx: &Ctx, input: VolumesInput) -> Result<Self::Output, Fault> {
        let page = input.page(world, ctx, Self::SPEC.name, |volume, _| {
            last(volume).is_some_and(|last| matches(&input, volume, last, ctx))
        })?;
        if let Some(id) =
            input.volumes.iter().find(|id| own_volume(world, ctx, id).is_ok_and(|one| last(&one).is_none()))
        {
            let message = format!("Modification for volume '{id}' does not exist.");
            return Err(Fault::new("InvalidVolumeModification.NotFound", message));
        }
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        let volumes = page.items.into_iter().map(|(volume, _)| volume).collect();
        Ok(DescribeVolumesModificationsOutput { volumes, ctx: ctx.clone(), next_token })
    }
}

fn last(volume: &Volume) -> Option<&Modification> {
    volume.more.as_ref()?.modifications.last()
}

fn matches(input: &VolumesInput, volume: &Volume, last: &Modification, ctx: &Ctx) -> bool {
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    input.filters.matches(&Tags::default(), |name, filter| match name {
        "modification-state" => filter.takes(last.state(ctx.now)),
        "original-iops" => filter.takes_some(number(last.original.iops)),
        "original-size" => filter.takes_value(last.original.size_gib),
        "original-volume-type" => filter.takes(&last.original.volume_type),
        "originalMultiAttachEnabled" => filter.takes_value(last.original.multi_attach),
        "start-time" => filter.takes(&wire_time(last.started_at)),
        "target-iops" => filter.takes_some(number(last.target.iops)),
        "target-size" => filter.takes_value(last.target.size_gib),
        "target-volume-type" => filter.takes(&last.target.volume_type),
        "targetMultiAttachEnabled" => filter.takes_value(last.target.multi_attach),
        _ => filter.takes(&volume.id),
    })
}

impl Encode for DescribeVolumesModificationsOutput {
    fn encode(&self, xml: &mut Xml) {
        let modified = self.volumes.iter().filter_map(|volume| Some((volume, last(volume)?)));
        xml.list("volumeModificationSet", "item", modified, |xml, (volume, last)| {
            write_modification(xml, &volume.id, last, &self.ctx);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
