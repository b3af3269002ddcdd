//! The block devices of an image that is registered.

use amictl_model::SnapshotId;

use crate::ops::Ctx;
use crate::ops::snapshots::own_snapshot::require_usable;
use crate::world::{ImageTraits, MappedEbs, Mapping, Scope};
use crate::{Fault, World};

/// Fills in what the snapshots know: size and encryption.
pub(super) fn with_snapshot_facts(world: &World, ctx: &Ctx, mut mappings: Vec<Mapping>) -> Result<Vec<Mapping>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    for mapping in &mut mappings {
        if let Some(ebs) = &mut mapping.ebs {
            check_snapshot(scope, ctx, &mapping.device_name, ebs)?;
        }
    }
    Ok(mappings)
}

fn check_snapshot(scope: Option<&Scope>, ctx: &Ctx, device: &str, ebs: &mut MappedEbs) -> Result<(), Fault> {
    let Some(id) = &ebs.snapshot else { return Ok(()) };
    let snapshot = scope.and_then(|scope| scope.snapshots.get(id)).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
    if ebs.encrypted {
        let message = format!("the encrypted flag cannot be specified since device {device} has a snapshot specified.");
        return Err(Fault::new("InvalidBlockDeviceMapping", message));
    }
    require_usable(snapshot, ctx)?;
    let size = ebs.size_gib.unwrap_or(snapshot.size_gib);
    if size < snapshot.size_gib {
        let message =
            format!("Volume of size {size}GB is smaller than snapshot '{id}', expect size >= {}GB", snapshot.size_gib);
        return Err(Fault::new("InvalidBlockDeviceMapping", message));
    }
    ebs.size_gib = Some(size);
    ebs.encrypted = snapshot.encrypted;
    Ok(())
}

/// The snapshot of the root device.
pub(super) fn root_snapshot<'a>(traits: &ImageTraits, mappings: &'a [Mapping]) -> Option<&'a SnapshotId> {
    let root = traits.root_device_name.as_ref()?;
    mappings.iter().find(|mapping| mapping.device_name == *root)?.ebs.as_ref()?.snapshot.as_ref()
}

/// Refuses an EBS-backed image whose root device is no snapshot.
pub(super) fn require_root(traits: &ImageTraits, mappings: &[Mapping]) -> Result<(), Fault> {
    if mappings.is_empty() {
        let message = "The request must contain the parameter imageLocation or blockDeviceMapping";
        return Err(Fault::new("MissingParameter", message));
    }
    if root_snapshot(traits, mappings).is_some() {
        return Ok(());
    }
    let root = traits.root_device_name.as_deref().unwrap_or_default();
    let message = format!("The root device '{root}' must be mapped to a snapshot");
    Err(Fault::new("InvalidBlockDeviceMapping", message))
}
