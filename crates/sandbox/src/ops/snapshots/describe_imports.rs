//! EC2 `DescribeImportSnapshotTasks`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;
use compact_str::CompactString;

use super::import_snapshot::no_task;
use super::import_xml::write_detail;
use crate::filter::Filters;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::ImportTask;
use crate::{Fault, World};

pub(crate) struct DescribeImportSnapshotTasks;

pub(crate) struct DescribeImportSnapshotTasksInput {
    tasks: Vec<String>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeImportSnapshotTasksOutput {
    tasks: Vec<Arc<ImportTask>>,
    now: Moment,
    next_token: Option<String>,
}

impl Op for DescribeImportSnapshotTasks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImportSnapshotTasks");
    type Input = DescribeImportSnapshotTasksInput;
    type Output = DescribeImportSnapshotTasksOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeImportSnapshotTasksInput {
            tasks: params.texts("ImportTaskId")?,
            filters: Filters::decode(params, &["task-state", "tag-key"])?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 1..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(CompactString::from(key)));
        let imports = &world.scope_mut(ctx.account, &ctx.region).snapshot_shelves.imports;
        if let Some(id) = input.tasks.iter().find(|id| !imports.contains_key(id.as_str())) {
            return Err(no_task(id));
        }
        let page = page::fill(imports.range((start, Bound::Unbounded)), input.limit, |id, task| {
            let takes = input.filters.matches(&task.tags, |_, filter| filter.takes(task.status(ctx.now)));
            let is_asked_for = input.tasks.is_empty() || input.tasks.iter().any(|wanted| wanted == id.as_str());
            (takes && is_asked_for).then(|| Arc::clone(task))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeImportSnapshotTasksOutput { tasks: page.items, now: ctx.now, next_token })
    }
}

impl Encode for DescribeImportSnapshotTasksOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("importSnapshotTaskSet", "item", &self.tasks, |xml, task| {
            xml.optional("description", task.description.as_ref());
            xml.text("importTaskId", &task.id);
            write_detail(xml, task, self.now);
            xml.tag_set(&task.tags);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
