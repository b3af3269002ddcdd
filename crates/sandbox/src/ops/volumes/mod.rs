//! Volumes: to make, attach, change and delete them.

pub(crate) mod attach_volume;
pub(crate) mod create_volume;
pub(crate) mod delete_volume;
pub(crate) mod describe_volumes;
pub(crate) mod modify_volume;
pub(crate) mod own_volume;
pub(crate) mod recycle_bin;
mod shape_rules;
#[cfg(test)]
mod tests;
pub(crate) mod volume_attribute;
pub(crate) mod volume_status;
pub(crate) mod volume_xml;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<attach_volume::AttachVolume>(),
    Entry::of::<attach_volume::DetachVolume>(),
    Entry::of::<create_volume::CreateVolume>(),
    Entry::of::<delete_volume::DeleteVolume>(),
    Entry::of::<describe_volumes::DescribeVolumes>(),
    Entry::of::<modify_volume::DescribeVolumesModifications>(),
    Entry::of::<modify_volume::ModifyVolume>(),
    Entry::of::<recycle_bin::ListVolumesInRecycleBin>(),
    Entry::of::<recycle_bin::RestoreVolumeFromRecycleBin>(),
    Entry::of::<volume_attribute::DescribeVolumeAttribute>(),
    Entry::of::<volume_attribute::EnableVolumeIO>(),
    Entry::of::<volume_attribute::ModifyVolumeAttribute>(),
    Entry::of::<volume_status::DescribeVolumeStatus>(),
];
