//! The snapshots behind an image that is copied.

use amictl_model::{ImageId, SnapshotId};

use super::copy_image::CopyImageInput;
use super::snapshots::{new_snapshot, put_pending};
use crate::ops::Ctx;
use crate::world::{Image, Mapping};
use crate::{Fault, World};

/// Refuses to copy what the caller cannot read: another account's private image needs its snapshots shared as well.
pub(super) fn require_readable(world: &World, ctx: &Ctx, input: &CopyImageInput, source: &Image) -> Result<(), Fault> {
    if source.owner == ctx.account || source.is_public() {
        return Ok(());
    }
    let scope = world.scope(source.owner, &input.source_region);
    let is_readable = |id: &SnapshotId| scope.is_none_or(|scope| scope.snapshots.contains_key(id));
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
) -> Mapping {
    let mut mapping = mapping.clone();
    let Some(ebs) = &mut mapping.ebs else { return mapping };
    let Some(from) = ebs.snapshot.take() else { return mapping };
    let original =
        world.scope(source.owner, &input.source_region).and_then(|scope| scope.snapshots.get(&from)).cloned();
    let encrypted = ebs.encrypted || input.encrypted;
    let mut snapshot = new_snapshot(world, ctx, ebs.size_gib.unwrap_or(8));
    snapshot.full_size_bytes = original.as_ref().map_or(0, |snapshot| snapshot.full_size_bytes);
    snapshot.encrypted = encrypted;
    snapshot.kms_key = input.kms_key.clone();
    snapshot.description = Some(
        format!("Copied for DestinationAmi {copy} from SourceAmi {} for SourceSnapshot {from}.", source.id).into(),
    );
    snapshot.tags = input.snapshot_tags.clone();
    ebs.snapshot = Some(snapshot.id.clone());
    ebs.encrypted = encrypted;
    put_pending(world, ctx, snapshot);
    mapping
}
