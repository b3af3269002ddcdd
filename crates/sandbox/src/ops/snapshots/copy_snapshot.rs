//! EC2 `CopySnapshot`: into the Region that is called, from any Region and any account that shares.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Region, SnapshotId, SnapshotState, Tags};

use super::create_snapshot::{description, refuse_local};
use super::encryption::{KEY_NOT_ACCESSIBLE, default_key, is_key_accessible, wanted_key};
use super::own_snapshot::{require_usable, restorable_snapshot};
use crate::ops::input::{snapshot_id, tag_specification};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
pub(crate) use crate::world::COPY_VOLUME;
use crate::world::Snapshot;
use crate::{Fault, World};

pub(crate) struct CopySnapshot;

pub(crate) struct CopySnapshotInput {
    source: SnapshotId,
    source_region: Region,
    encrypted: bool,
    kms_key: Option<String>,
    duration_minutes: Option<u32>,
    description: Option<Box<str>>,
    tags: Tags,
}

pub(crate) struct CopySnapshotOutput {
    id: SnapshotId,
    tags: Tags,
}

impl Op for CopySnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CopySnapshot");
    type Input = CopySnapshotInput;
    type Output = CopySnapshotOutput;

    fn decode(params: &Params) -> Result<CopySnapshotInput, Fault> {
        refuse_local(params)?;
        let source_region = params.required("SourceRegion")?;
        let encrypted = params.flag("Encrypted")?;
        let kms_key = params.string("KmsKeyId");
        Ok(CopySnapshotInput {
            source: snapshot_id(params.required("SourceSnapshotId")?)?,
            source_region: source_region.parse().map_err(|_| Fault::invalid_value("SourceRegion", source_region))?,
            encrypted,
            kms_key,
            duration_minutes: duration_minutes(params)?,
            description: description(params)?,
            tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CopySnapshotInput) -> Result<CopySnapshotOutput, Fault> {
        if !world.regions().iter().any(|info| info.region == input.source_region && info.is_enabled()) {
            return Err(Fault::invalid_value("SourceRegion", input.source_region.as_str()));
        }
        let source = restorable_snapshot(world, ctx, &input.source_region, &input.source)
            .ok_or_else(|| Fault::no_snapshot(input.source.as_str()))?;
        require_usable(&source, ctx)?;
        let key = key(ctx, &input, &source)?;
        ctx.commit()?;
        let mut copy = copy_of(world, ctx, &source, key);
        if let Some(minutes) = input.duration_minutes {
            copy.more_mut().completion_duration_minutes = Some(minutes);
            let most = ctx.now.plus_secs(i64::from(minutes) * 60);
            let completed_at = copy.more_mut().completed_at.map(|at| at.min(most));
            copy.more_mut().completed_at = completed_at;
        }
        copy.description = input.description;
        copy.tags = input.tags;
        let reply = CopySnapshotOutput { id: copy.id.clone(), tags: copy.tags.clone() };
        world.scope_mut(ctx.account, &ctx.region).put_snapshot(copy);
        Ok(reply)
    }
}

/// `CompletionDurationMinutes`: quarters of an hour, two days at most.
fn duration_minutes(params: &Params) -> Result<Option<u32>, Fault> {
    match params.unsigned("CompletionDurationMinutes")? {
        Some(minutes) if !(15..=2880).contains(&minutes) || minutes % 15 != 0 => {
            Err(Fault::invalid_value("CompletionDurationMinutes", &minutes.to_string()))
        }
        minutes => Ok(minutes),
    }
}

/// The key of the copy; a copy of an encrypted snapshot is encrypted in any case.
fn key(ctx: &Ctx, input: &CopySnapshotInput, source: &Snapshot) -> Result<Option<Box<str>>, Fault> {
    let encrypted = input.encrypted || (source.encrypted && input.kms_key.is_none());
    wanted_key(ctx, encrypted, input.kms_key.as_deref())
}

/// A copy of a snapshot under this key, pending as long as this world takes, and not put into the world yet. A key that
/// cannot be used lets it fail then.
pub(crate) fn copy_of(world: &mut World, ctx: &Ctx, source: &Snapshot, key: Option<Box<str>>) -> Snapshot {
    let id = world.new_snapshot_id();
    let mut copy = Snapshot::new(id, ctx.account, COPY_VOLUME.into(), source.size_gib, ctx.now);
    copy.full_size_bytes = source.full_size_bytes;
    copy.more_mut().lineage = Some(source.lineage());
    copy.encrypted = source.encrypted || key.is_some();
    copy.kms_key = key.or_else(|| copy.encrypted.then(|| default_key(ctx.account, &ctx.region)));
    copy.complete_at(ctx.now.plus_secs(world.pace.snapshot_secs.into()));
    if copy.kms_key.as_deref().is_some_and(|key| !is_key_accessible(ctx, key)) {
        copy.state = SnapshotState::Error;
        copy.more_mut().error = Some(KEY_NOT_ACCESSIBLE.into());
    }
    copy
}

impl Encode for CopySnapshotOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("snapshotId", &self.id);
        xml.tag_set(&self.tags);
    }
}
