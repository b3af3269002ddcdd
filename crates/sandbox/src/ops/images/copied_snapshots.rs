//! The snapshots behind an image that is copied.

use amictl_model::{ImageId, SnapshotId};

use super::copy_image::CopyImageInput;
use crate::ops::Ctx;
use crate::ops::snapshots::copy_snapshot::copy_of;
use crate::ops::snapshots::encryption::{default_key, wanted_key};
use crate::ops::snapshots::own_snapshot::is_restorable;
use crate::world::{COPY_VOLUME, Image, Mapping, Snapshot};
use crate::{Fault, World};

/// Refuses to copy what the caller cannot read: another account's private image needs its snapshots shared as well.
pub(super) fn require_readable(world: &World, ctx: &Ctx, input: &CopyImageInput, source: &Image) -> Result<(), Fault> {
    if source.owner == ctx.account || source.is_public() {
        return Ok(());
    }
    let scope = world.scope(source.owner, &input.source_region);
    let is_readable = |id: &SnapshotId| {
        scope.is_some_and(|scope| scope.snapshots.get(id).is_some_and(|snapshot| is_restorable(ctx, scope, snapshot)))
    };
    if source.snapshots().all(is_readable) {
        return Ok(());
    }
    Err(Fault::new("InvalidRequest", "You do not have permission to access the storage of this ami"))
}

/// A device of the copy, with a copy of its snapshot that is put into the world.
pub(super) fn copied(
    world: &mut World,
    ctx: &Ctx,
    input: &CopyImageInput,
    source: &Image,
    copy: &ImageId,
    mapping: &Mapping,
) -> Result<Mapping, Fault> {
    let mut mapping = mapping.clone();
    let Some(ebs) = &mut mapping.ebs else { return Ok(mapping) };
    let Some(from) = ebs.snapshot.take() else { return Ok(mapping) };
    let original =
        world.scope(source.owner, &input.source_region).and_then(|scope| scope.snapshots.get(&from)).map_or_else(
            || Snapshot::new(from.clone(), source.owner, COPY_VOLUME.into(), ebs.size_gib.unwrap_or(8), ctx.now),
            |snapshot| Snapshot::clone(snapshot),
        );
    let mut snapshot = copy_of(world, ctx, &original, key(ctx, input)?);
    if ebs.encrypted && snapshot.kms_key.is_none() {
        snapshot.encrypted = true;
        snapshot.kms_key = Some(default_key(ctx.account, &ctx.region));
    }
    if let Some(minutes) = input.completion_minutes {
        snapshot.more_mut().completion_duration_minutes = Some(minutes);
    }
    snapshot.description = Some(
        format!("Copied for DestinationAmi {copy} from SourceAmi {} for SourceSnapshot {from}.", source.id).into(),
    );
    snapshot.tags = input.snapshot_tags.clone();
    ebs.snapshot = Some(snapshot.id.clone());
    ebs.encrypted = snapshot.encrypted;
    world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
    Ok(mapping)
}

/// The key that the snapshots of the copy are to be encrypted with.
pub(super) fn key(ctx: &Ctx, input: &CopyImageInput) -> Result<Option<Box<str>>, Fault> {
    wanted_key(ctx, input.encrypted, input.kms_key.as_deref())
}
