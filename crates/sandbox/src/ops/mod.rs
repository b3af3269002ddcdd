//! The operations, one a file or a few that belong together. To add one: its file, and its line in [`ALL`].

mod change_template;
mod copy_image;
mod create_group;
mod create_image;
mod create_snapshot;
mod create_template;
mod delete_snapshot;
mod deregister_image;
mod describe_groups;
mod describe_images;
mod describe_instances;
mod describe_launch_configurations;
mod describe_regions;
mod describe_snapshots;
mod describe_tags;
mod describe_template_versions;
mod describe_templates;
mod describe_volumes;
mod disable_image;
mod dispatch;
mod enable_image;
mod group_input;
mod group_scaling;
mod image_attribute;
mod image_deprecation;
mod image_filter;
mod image_protection;
mod image_xml;
mod input;
mod instance_state;
mod instance_xml;
mod launch;
mod launch_configurations;
mod modify_image_attribute;
mod network;
mod new_image;
mod op;
mod own_image;
mod query_xml;
mod register_image;
mod run_instances;
mod snapshot_xml;
#[cfg(test)]
mod story;
mod sts;
mod tags;
mod template_lookup;
mod template_schema;
mod template_xml;
mod volume_xml;
mod volumes;

pub(crate) use change_template::*;
pub(crate) use copy_image::*;
pub(crate) use create_group::*;
pub(crate) use create_image::*;
pub(crate) use create_snapshot::*;
pub(crate) use create_template::*;
pub(crate) use delete_snapshot::*;
pub(crate) use deregister_image::*;
pub(crate) use describe_groups::*;
pub(crate) use describe_images::*;
pub(crate) use describe_instances::*;
pub(crate) use describe_launch_configurations::*;
pub(crate) use describe_regions::*;
pub(crate) use describe_snapshots::*;
pub(crate) use describe_tags::*;
pub(crate) use describe_template_versions::*;
pub(crate) use describe_templates::*;
pub(crate) use describe_volumes::*;
pub(crate) use disable_image::*;
pub(crate) use dispatch::{Entry, find};
pub(crate) use enable_image::*;
pub(crate) use group_scaling::scale;
pub(crate) use image_attribute::*;
pub(crate) use image_deprecation::*;
pub(crate) use image_protection::*;
pub(crate) use instance_state::*;
pub(crate) use launch::{Launch, launch, terminate};
pub(crate) use launch_configurations::*;
pub(crate) use modify_image_attribute::*;
pub(crate) use network::*;
pub(crate) use op::{Ctx, Done, Nothing, Op};
pub(crate) use register_image::*;
pub(crate) use run_instances::*;
pub(crate) use sts::*;
pub(crate) use tags::*;
pub(crate) use template_lookup::TemplateName;
pub(crate) use volumes::*;

macro_rules! table {
    ($($operation:ident),+ $(,)?) => {
        /// Every operation there is.
        pub(crate) static ALL: &[Entry] = &[$(Entry::of::<$operation>()),+];
    };
}

table!(
    AssumeRole,
    CopyImage,
    CreateAutoScalingGroup,
    CreateImage,
    CreateLaunchConfiguration,
    CreateLaunchTemplate,
    CreateLaunchTemplateVersion,
    CreateSnapshot,
    CreateTags,
    CreateVolume,
    DeleteAutoScalingGroup,
    DeleteLaunchConfiguration,
    DeleteLaunchTemplate,
    DeleteLaunchTemplateVersions,
    DeleteSnapshot,
    DeleteTags,
    DeleteVolume,
    DeregisterImage,
    DescribeAutoScalingGroups,
    DescribeAvailabilityZones,
    DescribeImageAttribute,
    DescribeImages,
    DescribeInstances,
    DescribeLaunchConfigurations,
    DescribeLaunchTemplateVersions,
    DescribeLaunchTemplates,
    DescribeRegions,
    DescribeSnapshots,
    DescribeSubnets,
    DescribeTags,
    DescribeVolumes,
    DescribeVpcs,
    DisableImage,
    DisableImageDeprecation,
    DisableImageDeregistrationProtection,
    EnableImage,
    EnableImageDeprecation,
    EnableImageDeregistrationProtection,
    GetCallerIdentity,
    ModifyImageAttribute,
    ModifyLaunchTemplate,
    RegisterImage,
    ResetImageAttribute,
    RunInstances,
    StartInstances,
    StopInstances,
    TerminateInstances,
    UpdateAutoScalingGroup,
);
