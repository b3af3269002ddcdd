//! Instances.

pub(crate) mod describe_instances;
pub(crate) mod instance_state;
pub(crate) mod instance_xml;
pub(crate) mod launch;
pub(crate) mod run_instances;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<describe_instances::DescribeInstances>(),
    Entry::of::<run_instances::RunInstances>(),
    Entry::of::<instance_state::StartInstances>(),
    Entry::of::<instance_state::StopInstances>(),
    Entry::of::<instance_state::TerminateInstances>(),
];
