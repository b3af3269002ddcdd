//! The operations, one a file. To add one: a file here, a line in `port!`, an implementation in `aws` and in `sandbox`.

mod create_image_usage_report;
mod create_tags;
mod delete_image_usage_report;
mod delete_snapshot;
mod delete_tags;
mod deregister_image;
mod describe_auto_scaling_groups;
mod describe_cluster;
mod describe_export_image_tasks;
mod describe_fast_launch_images;
mod describe_fast_snapshot_restores;
mod describe_fleets;
mod describe_image_references;
mod describe_image_usage_report_entries;
mod describe_image_usage_reports;
mod describe_images;
mod describe_import_image_tasks;
mod describe_instance_image_metadata;
mod describe_instance_refreshes;
mod describe_instances;
mod describe_launch_configurations;
mod describe_launch_permissions;
mod describe_launch_template_versions;
mod describe_launch_templates;
mod describe_locked_snapshots;
mod describe_parameters;
mod describe_regions;
mod describe_replace_root_volume_tasks;
mod describe_snapshot_permissions;
mod describe_snapshots;
mod describe_spot_fleet_requests;
mod describe_spot_instance_requests;
mod describe_store_image_tasks;
mod describe_volumes;
mod describe_warm_pool;
mod disable_image;
mod disable_image_deprecation;
mod enable_image;
mod enable_image_deprecation;
mod get_allowed_images_settings;
mod get_bucket_location;
mod get_caller_identity;
mod get_image_block_public_access_state;
mod get_object;
mod get_parameters;
mod get_resource;
mod get_rule;
mod launcher;
mod list_accounts;
mod list_backup_vaults;
mod list_clusters;
mod list_container_recipes;
mod list_image_build_versions;
mod list_image_recipes;
mod list_images;
mod list_images_in_recycle_bin;
mod list_instance_fleets;
mod list_instance_groups;
mod list_objects_v2;
mod list_organizational_units;
mod list_recovery_points_by_backup_vault;
mod list_resources;
mod list_rules;
mod list_service_quotas;
mod list_snapshots_in_recycle_bin;
mod modify_launch_permissions;
mod restore_image_from_recycle_bin;
mod restore_snapshot_from_recycle_bin;
mod select_aggregate_resource_config;

pub use create_image_usage_report::*;
pub use create_tags::*;
pub use delete_image_usage_report::*;
pub use delete_snapshot::*;
pub use delete_tags::*;
pub use deregister_image::*;
pub use describe_auto_scaling_groups::*;
pub use describe_cluster::*;
pub use describe_export_image_tasks::*;
pub use describe_fast_launch_images::*;
pub use describe_fast_snapshot_restores::*;
pub use describe_fleets::*;
pub use describe_image_references::*;
pub use describe_image_usage_report_entries::*;
pub use describe_image_usage_reports::*;
pub use describe_images::*;
pub use describe_import_image_tasks::*;
pub use describe_instance_image_metadata::*;
pub use describe_instance_refreshes::*;
pub use describe_instances::*;
pub use describe_launch_configurations::*;
pub use describe_launch_permissions::*;
pub use describe_launch_template_versions::*;
pub use describe_launch_templates::*;
pub use describe_locked_snapshots::*;
pub use describe_parameters::*;
pub use describe_regions::*;
pub use describe_replace_root_volume_tasks::*;
pub use describe_snapshot_permissions::*;
pub use describe_snapshots::*;
pub use describe_spot_fleet_requests::*;
pub use describe_spot_instance_requests::*;
pub use describe_store_image_tasks::*;
pub use describe_volumes::*;
pub use describe_warm_pool::*;
pub use disable_image::*;
pub use disable_image_deprecation::*;
pub use enable_image::*;
pub use enable_image_deprecation::*;
pub use get_allowed_images_settings::*;
pub use get_bucket_location::*;
pub use get_caller_identity::*;
pub use get_image_block_public_access_state::*;
pub use get_object::*;
pub use get_parameters::*;
pub use get_resource::*;
pub use get_rule::*;
pub use launcher::*;
pub use list_accounts::*;
pub use list_backup_vaults::*;
pub use list_clusters::*;
pub use list_container_recipes::*;
pub use list_image_build_versions::*;
pub use list_image_recipes::*;
pub use list_images::*;
pub use list_images_in_recycle_bin::*;
pub use list_instance_fleets::*;
pub use list_instance_groups::*;
pub use list_objects_v2::*;
pub use list_organizational_units::*;
pub use list_recovery_points_by_backup_vault::*;
pub use list_resources::*;
pub use list_rules::*;
pub use list_service_quotas::*;
pub use list_snapshots_in_recycle_bin::*;
pub use modify_launch_permissions::*;
pub use restore_image_from_recycle_bin::*;
pub use restore_snapshot_from_recycle_bin::*;
pub use select_aggregate_resource_config::*;

/// Declares that an operation's request and reply carry `next_token`.
macro_rules! paged {
    ($operation:ty) => {
        impl crate::Paged for $operation {
            fn with_token(request: &Self::Request, token: Option<String>) -> Self::Request {
                let mut request = request.clone();
                request.next_token = token;
                request
            }

            fn take_token(reply: &mut Self::Reply) -> Option<String> {
                reply.next_token.take()
            }
        }
    };
}
use launcher::lists_launchers;
use paged;
