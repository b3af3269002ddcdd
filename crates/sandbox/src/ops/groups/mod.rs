//! Auto Scaling groups and launch configurations.

pub(crate) mod activities;
pub(crate) mod create_group;
pub(crate) mod describe_groups;
pub(crate) mod describe_launch_configurations;
pub(crate) mod describe_refreshes;
pub(crate) mod group_capacity;
pub(crate) mod group_input;
pub(crate) mod group_instances;
pub(crate) mod group_members;
pub(crate) mod group_scaling;
pub(crate) mod group_start;
pub(crate) mod group_tags;
pub(crate) mod launch_configurations;
pub(crate) mod query_xml;
mod refresh;
pub(crate) mod refresh_ops;
pub(crate) mod settle;
pub(crate) mod warm_pool;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<activities::DescribeScalingActivities>(),
    Entry::of::<create_group::CreateAutoScalingGroup>(),
    Entry::of::<create_group::DeleteAutoScalingGroup>(),
    Entry::of::<create_group::UpdateAutoScalingGroup>(),
    Entry::of::<describe_groups::DescribeAutoScalingGroups>(),
    Entry::of::<describe_launch_configurations::DescribeLaunchConfigurations>(),
    Entry::of::<describe_refreshes::DescribeInstanceRefreshes>(),
    Entry::of::<group_capacity::ResumeProcesses>(),
    Entry::of::<group_capacity::SetDesiredCapacity>(),
    Entry::of::<group_capacity::SuspendProcesses>(),
    Entry::of::<group_members::AttachInstances>(),
    Entry::of::<group_instances::DescribeAutoScalingInstances>(),
    Entry::of::<group_members::DetachInstances>(),
    Entry::of::<group_members::EnterStandby>(),
    Entry::of::<group_members::ExitStandby>(),
    Entry::of::<group_members::SetInstanceProtection>(),
    Entry::of::<group_instances::TerminateInstanceInAutoScalingGroup>(),
    Entry::of::<group_tags::CreateOrUpdateTags>(),
    Entry::of::<group_tags::DeleteGroupTags>(),
    Entry::of::<group_tags::DescribeGroupTags>(),
    Entry::of::<launch_configurations::CreateLaunchConfiguration>(),
    Entry::of::<launch_configurations::DeleteLaunchConfiguration>(),
    Entry::of::<refresh_ops::CancelInstanceRefresh>(),
    Entry::of::<refresh_ops::RollbackInstanceRefresh>(),
    Entry::of::<refresh_ops::StartInstanceRefresh>(),
    Entry::of::<warm_pool::DeleteWarmPool>(),
    Entry::of::<warm_pool::DescribeWarmPool>(),
    Entry::of::<warm_pool::PutWarmPool>(),
];
