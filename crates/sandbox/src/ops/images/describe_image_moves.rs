//! EC2 `DescribeExportImageTasks` and `DescribeImportImageTasks`.

use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Tags};
use compact_str::CompactString;

use super::{export_image, import_image};
use crate::filter::Filters;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{ExportImageTask, ImportImageTask, Shelf};
use crate::{Fault, World};

pub(crate) struct DescribeInput {
    ids: Vec<String>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeOutput<T> {
    tasks: Vec<Arc<T>>,
    now: Moment,
    next_token: Option<String>,
}

fn decode(params: &Params, ids: &str, bounds: RangeInclusive<i64>) -> Result<DescribeInput, Fault> {
    Ok(DescribeInput {
        ids: params.texts(ids)?,
        filters: Filters::decode(params, &["task-state", "tag-key"])?,
        limit: page::limit("maxResults", params.integer("MaxResults")?, bounds)?,
        token: params.string("NextToken"),
    })
}

/// A page of tasks; `show` tells a task's tags and status.
fn describe<T>(
    ctx: &Ctx,
    operation: &str,
    input: &DescribeInput,
    tasks: &Shelf<CompactString, Arc<T>>,
    missing: fn(&str) -> Fault,
    show: impl Fn(&T) -> (&Tags, &'static str),
) -> Result<DescribeOutput<T>, Fault> {
    let after = input.token.as_deref().map(|token| page::key_of_token(ctx, operation, token)).transpose()?;
    let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(CompactString::from(key)));
    if let Some(id) = input.ids.iter().find(|id| !tasks.contains_key(id.as_str())) {
        return Err(missing(id));
    }
    let page = page::fill(tasks.range((start, Bound::Unbounded)), input.limit, |id, task| {
        let (tags, status) = show(task);
        let takes = input.filters.matches(tags, |_, filter| filter.takes(status));
        let is_asked_for = input.ids.is_empty() || input.ids.iter().any(|wanted| wanted == id.as_str());
        (takes && is_asked_for).then(|| Arc::clone(task))
    });
    let next_token = page.next.map(|id| page::token_after(ctx, operation, id));
    Ok(DescribeOutput { tasks: page.items, now: ctx.now, next_token })
}

pub(crate) struct DescribeExportImageTasks;

impl Op for DescribeExportImageTasks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeExportImageTasks");
    type Input = DescribeInput;
    type Output = DescribeOutput<ExportImageTask>;
    paged!();

    fn decode(params: &Params) -> Result<DescribeInput, Fault> {
        decode(params, "ExportImageTaskId", 1..=500)
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeInput) -> Result<Self::Output, Fault> {
        let tasks = &world.scope_mut(ctx.account, &ctx.region).image_exports;
        describe(ctx, Self::SPEC.name, &input, tasks, export_image::no_export, |task| {
            (&task.tags, task.status(ctx.now))
        })
    }
}

impl Encode for DescribeOutput<ExportImageTask> {
    fn encode(&self, xml: &mut Xml) {
        xml.list("exportImageTaskSet", "item", &self.tasks, |xml, task| {
            export_image::write_task(xml, task, self.now, false);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

pub(crate) struct DescribeImportImageTasks;

impl Op for DescribeImportImageTasks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImportImageTasks");
    type Input = DescribeInput;
    type Output = DescribeOutput<ImportImageTask>;
    paged!();

    fn decode(params: &Params) -> Result<DescribeInput, Fault> {
        decode(params, "ImportTaskId", 1..=1000)
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeInput) -> Result<Self::Output, Fault> {
        let tasks = &world.scope_mut(ctx.account, &ctx.region).image_imports;
        let missing = crate::ops::snapshots::import_snapshot::no_task;
        describe(ctx, Self::SPEC.name, &input, tasks, missing, |task| (&task.tags, task.status(ctx.now)))
    }
}

impl Encode for DescribeOutput<ImportImageTask> {
    fn encode(&self, xml: &mut Xml) {
        xml.list("importImageTaskSet", "item", &self.tasks, |xml, task| import_image::write_task(xml, task, self.now));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
