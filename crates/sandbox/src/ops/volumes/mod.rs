//! Volumes.

pub(crate) mod describe_volumes;
pub(crate) mod volume_xml;
pub(crate) mod volumes;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<describe_volumes::DescribeVolumes>(),
    Entry::of::<volumes::CreateVolume>(),
    Entry::of::<volumes::DeleteVolume>(),
];
