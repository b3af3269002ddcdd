//! EC2 `CreateStoreImageTask` and `DescribeStoreImageTasks`: an image as one object in a bucket.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState, Moment, Region, RootDeviceType, Tags};
use serde::{Deserialize, Serialize};

use super::own_image::own_image_in;
use crate::filter::Filters;
use crate::ops::input::{image_id, tags_of};
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::s3::Object;
use crate::world::{Image, StoreImageTask};
use crate::{Fault, World};

/// Image ids that one listing may name.
const IDS_MAX: usize = 20;

/// What the object of a stored image contains.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredImage {
    /// Where it was stored from.
    pub(super) region: Region,
    /// The image as it was.
    pub(super) image: Image,
    /// The size of the data behind each of its devices with a snapshot, in their order, in bytes.
    pub(super) full_sizes_bytes: Vec<u64>,
}

pub(crate) struct CreateStoreImageTask;

pub(crate) struct CreateInput {
    image: ImageId,
    bucket: String,
    tags: Tags,
}

pub(crate) struct ObjectKey(String);

impl Encode for ObjectKey {
    fn encode(&self, xml: &mut Xml) {
        xml.text("objectKey", &self.0);
    }
}

impl Op for CreateStoreImageTask {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateStoreImageTask");
    type Input = CreateInput;
    type Output = ObjectKey;

    fn decode(params: &Params) -> Result<CreateInput, Fault> {
        let mut tags = Vec::new();
        for tag in params.structures("S3ObjectTag")? {
            tags.push((tag.required("Key")?.to_owned(), tag.text("Value").unwrap_or_default().to_owned()));
        }
        Ok(CreateInput {
            image: image_id(params.required("ImageId")?)?,
            bucket: params.required("Bucket")?.to_owned(),
            tags: tags_of(tags)?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateInput) -> Result<ObjectKey, Fault> {
        let image = own_image_in(world, ctx, &input.image, &[ImageState::Available])?;
        if image.traits.root_device_type != RootDeviceType::Ebs {
            let message = format!("The image '{}' is not EBS-backed and cannot be stored.", input.image);
            return Err(Fault::new("UnsupportedOperation", message));
        }
        require_bucket(world, ctx, &input.bucket)?;
        ctx.commit()?;
        let key = format!("{}.bin", input.image);
        let task = StoreImageTask {
            image: input.image,
            started_at: ctx.now,
            ends_at: ctx.now.plus_secs(world.pace.task_secs.into()),
            bucket: input.bucket.into(),
            key: key.as_str().into(),
            unwritten: Some(content(world, ctx, &image)?),
            object_tags: input.tags,
        };
        let tasks = &mut world.scope_mut(ctx.account, &ctx.region).store_image_tasks;
        let number = tasks.keys().max().map_or(1, |number| number + 1);
        tasks.insert(number, Arc::new(task));
        write_stored_images(world, ctx);
        Ok(ObjectKey(key))
    }
}

/// The content of a stored image's object.
fn content(world: &World, ctx: &Ctx, image: &Image) -> Result<Box<[u8]>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    let size = |id| scope.and_then(|scope| scope.snapshots.get(id)).map_or(0, |snapshot| snapshot.full_size_bytes);
    let stored = StoredImage {
        region: ctx.region.clone(),
        image: image.clone(),
        full_sizes_bytes: image.snapshots().map(size).collect(),
    };
    match serde_json::to_vec(&stored) {
        Ok(content) => Ok(content.into()),
        Err(error) => Err(Fault::new("InternalError", error.to_string())),
    }
}

/// Refuses a bucket that is not there, is another's, or is in another Region.
pub(super) fn require_bucket(world: &World, ctx: &Ctx, name: &str) -> Result<(), Fault> {
    let short: String = name.chars().take(100).collect();
    let refuse = |why: &str| Err(Fault::new("InvalidParameterValue", format!("The bucket '{short}' {why}")));
    match world.s3.bucket(name) {
        None => refuse("does not exist"),
        Some(bucket) if bucket.owner != ctx.account => refuse("cannot be accessed"),
        Some(bucket) if bucket.region != ctx.region => refuse("is not in this Region"),
        Some(_) => Ok(()),
    }
}

/// Writes the objects of the caller's store tasks that have ended: an object appears only then.
pub(crate) fn write_stored_images(world: &mut World, ctx: &Ctx) {
    let Some(scope) = world.scope(ctx.account, &ctx.region) else { return };
    let is_due = |task: &Arc<StoreImageTask>| task.unwritten.is_some() && ctx.now >= task.ends_at;
    let due: Vec<u64> =
        scope.store_image_tasks.iter().filter(|(_, task)| is_due(task)).map(|(number, _)| *number).collect();
    for number in due {
        let tasks = &mut world.scope_mut(ctx.account, &ctx.region).store_image_tasks;
        let Some(task) = tasks.get_mut(&number).map(Arc::make_mut) else { continue };
        let Some(content) = task.unwritten.take() else { continue };
        let mut object = Object::new(Vec::from(content), task.ends_at);
        object.headers.tags = task.object_tags.clone();
        let (bucket, key) = (task.bucket.clone(), task.key.clone());
        world.put_object(&bucket, &key, object);
    }
}

pub(crate) struct DescribeStoreImageTasks;

pub(crate) struct DescribeInput {
    images: Vec<ImageId>,
    filters: Filters,
    limit: usize,
    token: Option<String>,
}

pub(crate) struct DescribeOutput {
    tasks: Vec<Arc<StoreImageTask>>,
    now: Moment,
    next_token: Option<String>,
}

impl Op for DescribeStoreImageTasks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeStoreImageTasks");
    type Input = DescribeInput;
    type Output = DescribeOutput;
    paged!();

    fn decode(params: &Params) -> Result<DescribeInput, Fault> {
        let images = params.texts("ImageId")?;
        if images.len() > IDS_MAX {
            return Err(Fault::new("InvalidParameterValue", format!("At most {IDS_MAX} image ids can be specified")));
        }
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 1..=200)?;
        if !images.is_empty() && limit.is_some() {
            let message = "The parameter imageIds cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeInput {
            images: images.iter().map(|id| image_id(id)).collect::<Result<_, _>>()?,
            filters: Filters::decode(params, &["task-state", "bucket"])?,
            limit: limit.unwrap_or(200),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeInput) -> Result<DescribeOutput, Fault> {
        write_stored_images(world, ctx);
        let before = match &input.token {
            Some(token) => page::key_of_token(ctx, Self::SPEC.name, token)?.parse().unwrap_or(u64::MAX),
            None => u64::MAX,
        };
        let scope = world.scope_mut(ctx.account, &ctx.region);
        // The newest comes first.
        let mut entries: Vec<(u64, &Arc<StoreImageTask>)> = scope
            .store_image_tasks
            .iter()
            .map(|(number, task)| (*number, task))
            .filter(|(number, task)| *number < before && task.is_shown(ctx.now))
            .collect();
        entries.reverse();
        let page = page::fill(entries.into_iter(), Some(input.limit), |_, task| {
            let takes = if input.images.is_empty() {
                input.filters.matches(&Tags::default(), |name, filter| match name {
                    "task-state" => filter.takes(task.state(ctx.now)),
                    _ => filter.takes(&task.bucket),
                })
            } else {
                input.images.contains(&task.image)
            };
            takes.then(|| Arc::clone(task))
        });
        let next_token = page.next.map(|number| page::token_after(ctx, Self::SPEC.name, &number.to_string()));
        Ok(DescribeOutput { tasks: page.items, now: ctx.now, next_token })
    }
}

impl Encode for DescribeOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("storeImageTaskResultSet", "item", &self.tasks, |xml, task| {
            xml.text("amiId", &task.image);
            xml.time("taskStartTime", task.started_at);
            xml.text("bucket", &task.bucket);
            xml.text("s3objectKey", &task.key);
            xml.value("progressPercentage", task.progress(self.now));
            xml.text("storeTaskState", task.state(self.now));
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
