//! EBS `ListSnapshotBlocks` and `ListChangedBlocks`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::SnapshotId;
use serde_json::{Value, json};

use super::block_token::Tokens;
use super::readable::{invalid, readable, snapshot_id};
use crate::ops::rbin::rule_json::epoch;
use crate::ops::{Ctx, Op, Route};
use crate::page;
use crate::wire::{Body, Json, Params, Reply};
use crate::world::{BLOCK_BYTES, Lineage, Snapshot};
use crate::{Fault, World};

/// Blocks that are looked at for one page, so that a huge volume with few of them answers in time.
const EXAMINED_MAX: u64 = 1 << 19;

/// Blocks on a page that asks for no number.
const PAGE_DEFAULT: usize = 1000;

pub(crate) struct BlocksInput {
    first: Option<SnapshotId>,
    snapshot: SnapshotId,
    start: u64,
    limit: usize,
    token: Option<String>,
}

pub(crate) struct BlocksOutput {
    members: Value,
    next_token: Option<String>,
}

impl Reply for BlocksOutput {
    fn into_body(mut self) -> Body {
        if let Some(token) = self.next_token {
            self.members["NextToken"] = token.into();
        }
        Json::ok(self.members).into_body()
    }
}

fn decode(params: &Params, snapshot: &str) -> Result<BlocksInput, Fault> {
    let limit = page::limit("maxResults", params.integer("maxResults")?, 100..=10_000)?;
    Ok(BlocksInput {
        first: params.string("firstSnapshotId").map(|id| snapshot_id(&id)).transpose()?,
        snapshot: snapshot_id(params.required(snapshot)?)?,
        start: params.unsigned("startingBlockIndex")?.unwrap_or(0).into(),
        limit: limit.unwrap_or(PAGE_DEFAULT),
        token: params.string("pageToken"),
    })
}

pub(crate) struct ListSnapshotBlocks;

impl Op for ListSnapshotBlocks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ebs, "ListSnapshotBlocks");
    const ROUTE: Option<Route> = Some(Route { method: "GET", path: "/snapshots/{snapshotId}/blocks" });
    type Input = BlocksInput;
    type Output = BlocksOutput;
    crate::ops::paged!();

    fn decode(params: &Params) -> Result<BlocksInput, Fault> {
        Ok(BlocksInput { first: None, ..decode(params, "snapshotId")? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: BlocksInput) -> Result<BlocksOutput, Fault> {
        let snapshot = readable(world, ctx, &input.snapshot)?;
        let lineage = snapshot.lineage();
        let tokens = Tokens::new(world.new_number(), ctx.now);
        let (blocks, next_token) = page_of(ctx, Self::SPEC.name, &input, lineage.blocks(), |index| {
            let token = || tokens.token(&snapshot.id, index);
            lineage.has(index).then(|| json!({"BlockIndex": index, "BlockToken": token()}))
        })?;
        Ok(output("Blocks", blocks, &snapshot, &tokens, next_token))
    }
}

pub(crate) struct ListChangedBlocks;

impl Op for ListChangedBlocks {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ebs, "ListChangedBlocks");
    const ROUTE: Option<Route> = Some(Route { method: "GET", path: "/snapshots/{secondSnapshotId}/changedblocks" });
    type Input = BlocksInput;
    type Output = BlocksOutput;
    crate::ops::paged!();

    fn decode(params: &Params) -> Result<BlocksInput, Fault> {
        decode(params, "secondSnapshotId")
    }

    fn run(world: &mut World, ctx: &Ctx, input: BlocksInput) -> Result<BlocksOutput, Fault> {
        let second = readable(world, ctx, &input.snapshot)?;
        let first = input.first.as_ref().map(|id| readable(world, ctx, id)).transpose()?;
        let lineage = second.lineage();
        let before = first.as_ref().map(|first| first.lineage());
        if before.as_ref().is_some_and(|before| before.root() != lineage.root()) {
            return Err(invalid("The snapshots are not related: they must be of the same volume or its lineage."));
        }
        let tokens = Tokens::new(world.new_number(), ctx.now);
        let blocks = lineage.blocks().max(before.as_ref().map_or(0, |before| before.blocks()));
        let pair = (first.as_deref(), &*second);
        let (blocks, next_token) = page_of(ctx, Self::SPEC.name, &input, blocks, |index| {
            changed(before.as_ref(), &lineage, pair, &tokens, index)
        })?;
        Ok(output("ChangedBlocks", blocks, &second, &tokens, next_token))
    }
}

/// A block that differs, with a token in each of the snapshots that has it.
fn changed(
    before: Option<&Arc<Lineage>>,
    lineage: &Lineage,
    (first, second): (Option<&Snapshot>, &Snapshot),
    tokens: &Tokens,
    index: u64,
) -> Option<Value> {
    let (was, is) = (before.and_then(|before| before.content(index)), lineage.content(index));
    if was == is {
        return None;
    }
    let mut block = json!({"BlockIndex": index});
    if let Some(first) = first.filter(|_| was.is_some()) {
        block["FirstBlockToken"] = tokens.token(&first.id, index).into();
    }
    if is.is_some() {
        block["SecondBlockToken"] = tokens.token(&second.id, index).into();
    }
    Some(block)
}

/// The blocks of a page in the order of their indexes, and the token of the next one.
fn page_of(
    ctx: &Ctx,
    operation: &str,
    input: &BlocksInput,
    blocks: u64,
    pick: impl Fn(u64) -> Option<Value>,
) -> Result<(Vec<Value>, Option<String>), Fault> {
    // A token is bound to the snapshots, too.
    let bound = format!("{}{}/", input.first.as_ref().map_or("", SnapshotId::as_str), input.snapshot);
    let start = match &input.token {
        None => input.start,
        Some(token) => {
            let key = page::key_of_token(ctx, operation, token).map_err(|_| invalid("The page token is not valid."))?;
            let index = key.strip_prefix(&bound).and_then(|index| index.parse().ok());
            index.ok_or_else(|| invalid("The page token is not one of these snapshots."))?
        }
    };
    let mut items = Vec::new();
    for index in start..blocks {
        if items.len() >= input.limit || index - start >= EXAMINED_MAX {
            return Ok((items, Some(page::token_after(ctx, operation, &format!("{bound}{index}")))));
        }
        items.extend(pick(index));
    }
    Ok((items, None))
}

fn output(name: &str, blocks: Vec<Value>, of: &Snapshot, tokens: &Tokens, next_token: Option<String>) -> BlocksOutput {
    let mut members = json!({
        "ExpiryTime": epoch(tokens.expires_at()),
        "VolumeSize": of.size_gib,
        "BlockSize": BLOCK_BYTES,
    });
    members[name] = blocks.into();
    BlocksOutput { members, next_token }
}
