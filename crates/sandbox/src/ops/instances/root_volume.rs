//! EC2 `CreateReplaceRootVolumeTask` and `DescribeReplaceRootVolumeTasks`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, Moment, SnapshotId, Tags};
use compact_str::CompactString;

use super::describe_instances::instance;
use super::instance_attribute::instance_id;
use super::launch::launchable_image;
use crate::filter::Filters;
use crate::ops::input::{image_id, resource_id, snapshot_id, tag_specification};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Instance, ReplaceRootTask, ShownState, Volume};
use crate::{Fault, World};

pub(crate) struct CreateReplaceRootVolumeTask;

pub(crate) struct CreateReplaceRootVolumeTaskInput {
    instance: CompactString,
    image: Option<ImageId>,
    snapshot: Option<SnapshotId>,
    delete_replaced: bool,
    tags: Tags,
}

pub(crate) struct TaskReply {
    task: ReplaceRootTask,
    now: Moment,
}

impl Op for CreateReplaceRootVolumeTask {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateReplaceRootVolumeTask");
    type Input = CreateReplaceRootVolumeTaskInput;
    type Output = TaskReply;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let image = params.string("ImageId").map(|id| image_id(&id)).transpose()?;
        let snapshot = params.string("SnapshotId").map(|id| snapshot_id(&id)).transpose()?;
        if image.is_some() && snapshot.is_some() {
            let message = "The parameters SnapshotId and ImageId cannot be used together.";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(CreateReplaceRootVolumeTaskInput {
            instance: instance_id(params)?,
            image,
            snapshot,
            delete_replaced: params.flag("DeleteReplacedRootVolume")?,
            tags: tag_specification(params, "replace-root-volume-task")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<TaskReply, Fault> {
        let instance = instance(world, ctx, &input.instance)?;
        let (old, source) = checked(world, ctx, &instance, &input)?;
        ctx.commit()?;
        let task = ReplaceRootTask {
            id: world.new_id("replacevol-"),
            instance: instance.id.clone(),
            image: input.image.clone(),
            snapshot: input.snapshot,
            delete_replaced: input.delete_replaced,
            started_at: ctx.now,
            completes_at: ctx.now.plus_secs(world.pace.task_secs.into()),
            tags: input.tags,
        };
        let volume = world.new_id("vol-");
        let scope = world.scope_mut(ctx.account, &ctx.region);
        scope.put_volume(Volume {
            id: volume.clone(),
            snapshot: source.or_else(|| old.snapshot.clone()),
            created_at: ctx.now,
            tags: Tags::default(),
            more: None,
            ..Volume::clone(&old)
        });
        if task.delete_replaced {
            scope.discard_volume(&old.id, ctx.now);
        } else if let Some(old) = scope.volumes.get_mut(&old.id) {
            Arc::make_mut(old).attachment = None;
        }
        let mut changed = Instance::clone(&instance);
        for device in changed.devices.iter_mut().filter(|device| device.volume == old.id) {
            device.volume = volume.clone();
        }
        if let Some(image) = input.image {
            changed.image = image;
        }
        scope.put_instance(changed);
        scope.root_tasks.insert(task.id.clone(), Arc::new(task.clone()));
        Ok(TaskReply { task, now: ctx.now })
    }
}

/// The root volume, and the snapshot that the new one comes from unless it is the one that the old one came from.
fn checked(
    world: &World,
    ctx: &Ctx,
    instance: &Instance,
    input: &CreateReplaceRootVolumeTaskInput,
) -> Result<(Arc<Volume>, Option<SnapshotId>), Fault> {
    if instance.shown_state(ctx.now) != ShownState::Running {
        let message = format!("The instance '{}' is not in the 'running' state.", instance.id);
        return Err(Fault::new("IncorrectInstanceState", message));
    }
    let scope = world.scope(ctx.account, &ctx.region);
    let root = instance.devices.iter().find(|device| Some(&device.name) == instance.root_device_name.as_ref());
    let volume = root.and_then(|device| scope?.volumes.get(&device.volume));
    let volume = volume.ok_or_else(|| {
        Fault::new("UnsupportedOperation", format!("The instance '{}' has no EBS root volume.", instance.id))
    })?;
    if let Some(snapshot) = &input.snapshot
        && !scope.is_some_and(|scope| scope.snapshots.contains_key(snapshot))
    {
        return Err(Fault::no_snapshot(snapshot.as_str()));
    }
    let Some(id) = &input.image else { return Ok((Arc::clone(volume), input.snapshot.clone())) };
    let image = launchable_image(world, ctx, id)?;
    if image.traits.architecture != instance.architecture {
        let message = "The specified AMI does not have the same architecture as the instance.";
        return Err(Fault::new("InvalidParameterValue", message));
    }
    let root =
        image.mappings.iter().find(|mapping| Some(&mapping.device_name) == image.traits.root_device_name.as_ref());
    Ok((Arc::clone(volume), root.and_then(|mapping| mapping.ebs.as_ref()?.snapshot.clone())))
}

fn write_task(xml: &mut Xml, task: &ReplaceRootTask, now: Moment) {
    let state = task.state(now);
    xml.text("replaceRootVolumeTaskId", &task.id);
    xml.text("instanceId", &task.instance);
    xml.text("taskState", state);
    xml.text("startTime", wire_time(task.started_at));
    if state == "succeeded" {
        xml.text("completeTime", wire_time(task.completes_at));
    }
    xml.tag_set(&task.tags);
    xml.optional("imageId", task.image.as_ref());
    xml.optional("snapshotId", task.snapshot.as_ref());
    xml.value("deleteReplacedRootVolume", task.delete_replaced);
}

impl Encode for TaskReply {
    fn encode(&self, xml: &mut Xml) {
        xml.element("replaceRootVolumeTask", |xml| write_task(xml, &self.task, self.now));
    }
}

pub(crate) struct DescribeReplaceRootVolumeTasks;

pub(crate) struct DescribeReplaceRootVolumeTasksInput {
    ids: Vec<CompactString>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeReplaceRootVolumeTasksOutput {
    tasks: Vec<Arc<ReplaceRootTask>>,
    next_token: Option<String>,
    now: Moment,
}

impl Op for DescribeReplaceRootVolumeTasks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeReplaceRootVolumeTasks");
    type Input = DescribeReplaceRootVolumeTasksInput;
    type Output = DescribeReplaceRootVolumeTasksOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let ids = params.texts("ReplaceRootVolumeTaskId")?;
        Ok(DescribeReplaceRootVolumeTasksInput {
            ids: ids
                .iter()
                .map(|id| resource_id(id, "replacevol-", "InvalidReplaceRootVolumeTaskId.Malformed"))
                .collect::<Result<_, _>>()?,
            filters: Filters::decode(params, &["instance-id", "tag-key"])?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 1..=50)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(id) = input.ids.iter().find(|id| !scope.root_tasks.contains_key(*id)) {
            let message = format!("The replace root volume task ID '{id}' does not exist");
            return Err(Fault::new("InvalidReplaceRootVolumeTaskId.NotFound", message));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let page = page::fill(scope.root_tasks.range((start, Bound::Unbounded)), input.limit, |id, task| {
            let takes = (input.ids.is_empty() || input.ids.contains(id))
                && input.filters.matches(&task.tags, |_, filter| filter.takes(&task.instance));
            takes.then(|| Arc::clone(task))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeReplaceRootVolumeTasksOutput { tasks: page.items, next_token, now: ctx.now })
    }
}

impl Encode for DescribeReplaceRootVolumeTasksOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("replaceRootVolumeTaskSet", "item", &self.tasks, |xml, task| write_task(xml, task, self.now));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn an_instance_gets_the_root_volume_of_another_image() {
        let mut test = TestWorld::new().paced();
        let (old, new) = (test.image("old"), test.image("new"));
        let id = test.first("RunInstances", &format!("ImageId={old}&MinCount=1&MaxCount=1"), "instanceId");
        let replace = format!("InstanceId={id}&ImageId={new}&DeleteReplacedRootVolume=true");
        assert_eq!(test.code("CreateReplaceRootVolumeTask", &replace), "IncorrectInstanceState");
        test.pass_secs(60);
        let volume = test.first("DescribeInstances", "", "volumeId");
        let task = test.first("CreateReplaceRootVolumeTask", &replace, "replaceRootVolumeTaskId");
        let state = |test: &TestWorld| test.first("DescribeReplaceRootVolumeTasks", "", "taskState");
        assert_eq!(state(&test), "pending");
        test.pass_secs(1);
        assert_eq!(state(&test), "in-progress");
        test.pass_secs(600);
        let form = format!("ReplaceRootVolumeTaskId.1={task}&Filter.1.Name=instance-id&Filter.1.Value.1={id}");
        assert_eq!(test.first("DescribeReplaceRootVolumeTasks", &form, "taskState"), "succeeded");
        assert_eq!(test.first("DescribeInstances", "", "imageId"), new);
        assert_ne!(test.first("DescribeInstances", "", "volumeId"), volume);
        assert_eq!(test.code("DescribeVolumes", &format!("VolumeId.1={volume}")), "InvalidVolume.NotFound");
        let both = format!("{replace}&SnapshotId=snap-00000001");
        assert_eq!(test.code("CreateReplaceRootVolumeTask", &both), "InvalidParameterCombination");
        test.ec2("DisableImage", &format!("ImageId={new}"));
        assert_eq!(test.code("CreateReplaceRootVolumeTask", &replace), "InvalidAMIID.Unavailable");
    }
}
