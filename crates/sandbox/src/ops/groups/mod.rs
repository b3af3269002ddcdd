//! Auto Scaling groups and launch configurations.

pub(crate) mod create_group;
pub(crate) mod describe_groups;
pub(crate) mod describe_launch_configurations;
pub(crate) mod group_input;
pub(crate) mod group_scaling;
pub(crate) mod launch_configurations;
pub(crate) mod query_xml;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<create_group::CreateAutoScalingGroup>(),
    Entry::of::<create_group::DeleteAutoScalingGroup>(),
    Entry::of::<create_group::UpdateAutoScalingGroup>(),
    Entry::of::<describe_groups::DescribeAutoScalingGroups>(),
    Entry::of::<describe_launch_configurations::DescribeLaunchConfigurations>(),
    Entry::of::<launch_configurations::CreateLaunchConfiguration>(),
    Entry::of::<launch_configurations::DeleteLaunchConfiguration>(),
];
