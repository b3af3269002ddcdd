//! Instances and their types.

pub(crate) mod describe_instances;
pub(crate) mod instance_attribute;
mod instance_filter;
pub(crate) mod instance_state;
pub(crate) mod instance_status;
pub(crate) mod instance_types;
pub(crate) mod instance_xml;
pub(crate) mod launch;
pub(crate) mod launch_spec;
pub(crate) mod modify_instance_attribute;
pub(crate) mod network_xml;
pub(crate) mod overlay;
pub(crate) mod prepare;
pub(crate) mod root_volume;
pub(crate) mod run_instances;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<describe_instances::DescribeInstances>(),
    Entry::of::<instance_attribute::DescribeInstanceAttribute>(),
    Entry::of::<instance_attribute::GetConsoleOutput>(),
    Entry::of::<instance_state::RebootInstances>(),
    Entry::of::<instance_state::StartInstances>(),
    Entry::of::<instance_state::StopInstances>(),
    Entry::of::<instance_state::TerminateInstances>(),
    Entry::of::<instance_status::DescribeInstanceStatus>(),
    Entry::of::<instance_types::DescribeInstanceTypeOfferings>(),
    Entry::of::<instance_types::DescribeInstanceTypes>(),
    Entry::of::<modify_instance_attribute::ModifyInstanceAttribute>(),
    Entry::of::<modify_instance_attribute::ModifyInstanceMetadataOptions>(),
    Entry::of::<root_volume::CreateReplaceRootVolumeTask>(),
    Entry::of::<root_volume::DescribeReplaceRootVolumeTasks>(),
    Entry::of::<run_instances::RunInstances>(),
];
