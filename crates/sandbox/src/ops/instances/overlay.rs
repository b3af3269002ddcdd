//! Block device mappings laid over others.

use crate::world::{MappedEbs, Mapping};

/// The mappings of an image with others laid over them: changed, added or suppressed by device name.
pub(crate) fn overlaid(base: &[Mapping], over: &[Mapping]) -> Vec<Mapping> {
    let mut mappings = base.to_vec();
    for change in over {
        let at = mappings.iter().position(|mapping| mapping.device_name == change.device_name);
        match at {
            Some(at) if change.no_device => {
                mappings.remove(at);
            }
            Some(at) => {
                let merged = merged(mappings[at].ebs.take(), change.ebs.clone());
                mappings[at].ebs = merged;
            }
            None if change.no_device => {}
            None => mappings.push(change.clone()),
        }
    }
    mappings
}

fn merged(base: Option<MappedEbs>, over: Option<MappedEbs>) -> Option<MappedEbs> {
    let (Some(base), Some(over)) = (base.clone(), over.clone()) else { return over.or(base) };
    Some(MappedEbs {
        snapshot: over.snapshot.or(base.snapshot),
        size_gib: over.size_gib.or(base.size_gib),
        volume_type: over.volume_type.or(base.volume_type),
        encrypted: over.encrypted || base.encrypted,
        delete_on_termination: over.delete_on_termination.or(base.delete_on_termination),
        iops: over.iops.or(base.iops),
        throughput: over.throughput.or(base.throughput),
        kms_key: over.kms_key.or(base.kms_key),
    })
}
