//! EBS `StartSnapshot`, `PutSnapshotBlock` and `CompleteSnapshot`: a snapshot that is written block by block.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{SnapshotId, SnapshotState, Tags};
use serde_json::{Value, json};

use super::block_data::{checksum, linear_checksum};
use super::readable::{invalid, no_snapshot, readable, snapshot_id};
use crate::ops::input::tags_of;
use crate::ops::rbin::rule_json::epoch;
use crate::ops::snapshots::encryption::default_key;
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Blob, Json, Params};
use crate::world::{BLOCK_BYTES, COPY_VOLUME, Lineage, PutBlock, Snapshot, Writing, fingerprint};
use crate::{Fault, World};

/// Minutes for which a snapshot waits for its next block when the request says nothing.
const TIMEOUT_MINUTES: u32 = 60;

pub(crate) struct StartSnapshot;

pub(crate) struct StartSnapshotInput {
    size_gib: u32,
    parent: Option<SnapshotId>,
    description: Option<Box<str>>,
    tags: Tags,
    encrypted: Option<bool>,
    kms_key: Option<Box<str>>,
    timeout_minutes: u32,
}

impl Op for StartSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ebs, "StartSnapshot");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/snapshots" });
    type Input = StartSnapshotInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<StartSnapshotInput, Fault> {
        let size_gib = params.unsigned("VolumeSize")?.ok_or_else(|| Fault::missing("VolumeSize"))?;
        if !(1..=65_536).contains(&size_gib) {
            return Err(invalid("The volume size must be between 1 and 65536 GiB."));
        }
        let timeout_minutes = params.unsigned("Timeout")?.unwrap_or(TIMEOUT_MINUTES);
        if !(10..=4320).contains(&timeout_minutes) {
            return Err(invalid("The timeout must be between 10 and 4320 minutes."));
        }
        let description = params.string("Description").map(String::into_boxed_str);
        if description.as_ref().is_some_and(|text| text.chars().count() > 255) {
            return Err(invalid("The description may have at most 255 characters."));
        }
        Ok(StartSnapshotInput {
            size_gib,
            parent: params.string("ParentSnapshotId").map(|id| snapshot_id(&id)).transpose()?,
            description,
            tags: tags(params)?,
            encrypted: params.boolean("Encrypted")?,
            kms_key: params.string("KmsKeyArn").map(String::into_boxed_str),
            timeout_minutes,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: StartSnapshotInput) -> Result<Json, Fault> {
        let parent = input.parent.as_ref().map(|id| own_parent(world, ctx, id)).transpose()?;
        if parent.as_ref().is_some_and(|parent| parent.size_gib > input.size_gib) {
            return Err(invalid("The volume size must not be smaller than that of the parent snapshot."));
        }
        let key = key(ctx, &input, parent.as_deref())?;
        let id = world.new_snapshot_id();
        let mut snapshot = Snapshot::new(id.clone(), ctx.account, COPY_VOLUME.into(), input.size_gib, ctx.now);
        let stream = fingerprint(id.as_str());
        let base = parent.as_ref().map(|parent| parent.lineage());
        let lineage = Lineage::to_put(stream, input.size_gib, base, ctx.now);
        snapshot.state = SnapshotState::Pending;
        snapshot.full_size_bytes = lineage.count() * BLOCK_BYTES;
        snapshot.description = input.description;
        snapshot.tags = input.tags;
        snapshot.encrypted = key.is_some();
        snapshot.kms_key = key;
        let more = snapshot.more_mut();
        more.lineage = Some(Arc::new(lineage));
        more.writing = Some(Writing { last_at: ctx.now, timeout_minutes: input.timeout_minutes });
        let reply = started(&snapshot, input.parent.as_ref(), ctx);
        world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
        Ok(Json { status: 201, value: reply })
    }
}

fn tags(params: &Params) -> Result<Tags, Fault> {
    let mut tags = Vec::new();
    for tag in params.structures("Tags")? {
        let (key, value) = (tag.required("Key")?, tag.text("Value").unwrap_or_default());
        if key.starts_with("aws:") || key.chars().count() > 127 || value.chars().count() > 255 {
            return Err(invalid(
                "Tag keys have at most 127 characters and do not begin with 'aws:', tag values at most 255.",
            ));
        }
        tags.push((key.to_owned(), value.to_owned()));
    }
    tags_of(tags).map_err(|fault| invalid(fault.message))
}

fn own_parent(world: &World, ctx: &Ctx, id: &SnapshotId) -> Result<Arc<Snapshot>, Fault> {
    readable(world, ctx, id).map_err(|fault| match fault.code.as_ref() {
        "ResourceNotFoundException" => fault,
        _ => invalid(fault.message),
    })
}

/// The key of the snapshot: that of the parent, or the one that is asked for.
fn key(ctx: &Ctx, input: &StartSnapshotInput, parent: Option<&Snapshot>) -> Result<Option<Box<str>>, Fault> {
    if let Some(parent) = parent {
        if input.encrypted.is_some() || input.kms_key.is_some() {
            return Err(invalid("Encrypted and KmsKeyArn cannot be used with ParentSnapshotId."));
        }
        let inherited = || parent.kms_key.clone().unwrap_or_else(|| default_key(ctx.account, &ctx.region));
        return Ok(parent.encrypted.then(inherited));
    }
    match (input.encrypted == Some(true), &input.kms_key) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(invalid("KmsKeyArn requires Encrypted to be true.")),
        (true, None) => Ok(Some(default_key(ctx.account, &ctx.region))),
        (true, Some(key)) => Ok(Some(key.clone())),
    }
}

fn started(snapshot: &Snapshot, parent: Option<&SnapshotId>, ctx: &Ctx) -> Value {
    let tags: Value = snapshot.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let mut reply = json!({
        "SnapshotId": snapshot.id,
        "OwnerId": snapshot.owner,
        "Status": snapshot.status(ctx.now),
        "StartTime": epoch(snapshot.started_at),
        "VolumeSize": snapshot.size_gib,
        "BlockSize": BLOCK_BYTES,
        "Tags": tags,
        "SseType": if snapshot.encrypted { "sse-kms" } else { "none" },
    });
    for (name, value) in [
        ("Description", snapshot.description.as_deref()),
        ("ParentSnapshotId", parent.map(SnapshotId::as_str)),
        ("KmsKeyArn", snapshot.kms_key.as_deref()),
    ] {
        if let Some(value) = value {
            reply[name] = value.into();
        }
    }
    reply
}

/// The caller's snapshot that is being written block by block.
fn written<'a>(world: &'a mut World, ctx: &Ctx, id: &SnapshotId) -> Result<&'a mut Snapshot, Fault> {
    let snapshots = &mut world.scope_mut(ctx.account, &ctx.region).snapshots;
    let is_written = match snapshots.get(id) {
        None => return Err(no_snapshot(id)),
        Some(snapshot) => snapshot.more.as_ref().is_some_and(|more| more.writing.is_some()),
    };
    match snapshots.get_mut(id).map(Arc::make_mut) {
        Some(snapshot) if is_written && snapshot.state_at(ctx.now) == SnapshotState::Pending => Ok(snapshot),
        _ => Err(invalid(format!(
            "The snapshot '{id}' is not in the state 'pending', or was not started to be written."
        ))),
    }
}

pub(crate) struct PutSnapshotBlock;

pub(crate) struct PutSnapshotBlockInput {
    pub(crate) snapshot: SnapshotId,
    pub(crate) index: u64,
    pub(crate) data: Vec<u8>,
    pub(crate) checksum: String,
}

/// `ChecksumAlgorithm`, of which there is one.
fn require_sha256(params: &Params) -> Result<(), Fault> {
    match params.text("x-amz-checksum-algorithm") {
        Some("SHA256") => Ok(()),
        other => Err(invalid(format!("The checksum algorithm '{}' is not supported.", other.unwrap_or_default()))),
    }
}

impl Op for PutSnapshotBlock {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ebs, "PutSnapshotBlock");
    const ROUTE: Option<Route> = Some(Route { method: "PUT", path: "/snapshots/{snapshotId}/blocks/{blockIndex}" });
    const PAYLOAD: Option<&'static str> = Some("BlockData");
    const HEADERS: &'static [&'static str] =
        &["x-amz-data-length", "x-amz-progress", "x-amz-checksum", "x-amz-checksum-algorithm"];
    type Input = PutSnapshotBlockInput;
    type Output = Blob;

    fn decode(params: &Params) -> Result<PutSnapshotBlockInput, Fault> {
        let snapshot = snapshot_id(params.required("snapshotId")?)?;
        let index = params.unsigned("blockIndex")?.ok_or_else(|| Fault::missing("blockIndex"))?.into();
        require_sha256(params)?;
        let data = params.bytes("BlockData").unwrap_or_default();
        let length = params.integer("x-amz-data-length")?.ok_or_else(|| Fault::missing("DataLength"))?;
        if data.len() as u64 != BLOCK_BYTES || i64::try_from(data.len()) != Ok(length) {
            return Err(invalid(format!("A block has {BLOCK_BYTES} bytes, and its data length says so.")));
        }
        if let Some(progress) = params.integer("x-amz-progress")?.filter(|progress| !(0..=100).contains(progress)) {
            return Err(invalid(format!("The progress {progress} is not between 0 and 100.")));
        }
        let checksum = params.required("x-amz-checksum")?.to_owned();
        Ok(PutSnapshotBlockInput { snapshot, index, data, checksum })
    }

    fn run(world: &mut World, ctx: &Ctx, input: PutSnapshotBlockInput) -> Result<Blob, Fault> {
        let snapshot = written(world, ctx, &input.snapshot)?;
        if checksum(&input.data) != input.checksum {
            return Err(invalid("The checksum does not match the block's data."));
        }
        let more = snapshot.more_mut();
        let Some(lineage) = more.lineage.as_mut().map(Arc::make_mut) else { return Err(no_snapshot(&input.snapshot)) };
        if input.index >= lineage.blocks() {
            return Err(invalid(format!("The block index {} is beyond the end of the volume.", input.index)));
        }
        let block = PutBlock { data: input.data.into(), checksum: input.checksum.clone().into() };
        lineage.put(input.index, block);
        if let Some(writing) = &mut more.writing {
            writing.last_at = ctx.now;
        }
        let headers = vec![("x-amz-checksum", input.checksum), ("x-amz-checksum-algorithm", "SHA256".to_owned())];
        Ok(Blob { status: 201, headers, bytes: Vec::new() })
    }
}

pub(crate) struct CompleteSnapshot;

pub(crate) struct CompleteSnapshotInput {
    snapshot: SnapshotId,
    count: u64,
    checksum: Option<String>,
}

impl Op for CompleteSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ebs, "CompleteSnapshot");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/snapshots/completion/{snapshotId}" });
    const HEADERS: &'static [&'static str] = &[
        "x-amz-changedblockscount",
        "x-amz-checksum",
        "x-amz-checksum-algorithm",
        "x-amz-checksum-aggregation-method",
    ];
    type Input = CompleteSnapshotInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<CompleteSnapshotInput, Fault> {
        let checksum = params.string("x-amz-checksum");
        if checksum.is_some() {
            require_sha256(params)?;
            match params.text("x-amz-checksum-aggregation-method") {
                Some("LINEAR") => {}
                _ => return Err(invalid("The checksum aggregation method must be LINEAR.")),
            }
        }
        let count = params.unsigned("x-amz-changedblockscount")?.ok_or_else(|| Fault::missing("ChangedBlocksCount"))?;
        Ok(CompleteSnapshotInput {
            snapshot: snapshot_id(params.required("snapshotId")?)?,
            count: count.into(),
            checksum,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CompleteSnapshotInput) -> Result<Json, Fault> {
        let completed_at = ctx.now.plus_secs(world.pace.snapshot_secs.into());
        let snapshot = written(world, ctx, &input.snapshot)?;
        let lineage = snapshot.lineage();
        if lineage.put_blocks().len() as u64 != input.count {
            return Err(invalid("The changed blocks count does not match the blocks that were written."));
        }
        if input.checksum.is_some_and(|checksum| checksum != linear_checksum(&lineage)) {
            return Err(invalid("The checksum does not match those of the blocks that were written."));
        }
        snapshot.full_size_bytes = lineage.count() * BLOCK_BYTES;
        snapshot.state = SnapshotState::Completed;
        snapshot.more_mut().writing = None;
        snapshot.complete_at(completed_at);
        Ok(Json { status: 202, value: json!({"Status": snapshot.status(ctx.now)}) })
    }
}
