//! The port's operations over the SDK, one a file.

mod complete_multipart_upload;
mod complete_snapshot;
mod copy_image;
mod create_image;
mod create_image_usage_report;
mod create_launch_template_version;
mod create_multipart_upload;
mod create_restore_image_task;
mod create_store_image_task;
mod create_tags;
mod delete_bucket;
mod delete_image_usage_report;
mod delete_objects;
mod delete_snapshot;
mod delete_tags;
mod delete_volume;
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
mod describe_import_snapshot_tasks;
mod describe_instance_attribute;
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
mod describe_snapshot_tier_status;
mod describe_snapshots;
mod describe_spot_fleet_requests;
mod describe_spot_instance_requests;
mod describe_store_image_tasks;
mod describe_volumes;
mod describe_warm_pool;
mod disable_image;
mod disable_image_deprecation;
mod disable_image_deregistration_protection;
mod enable_image;
mod enable_image_deprecation;
mod enable_image_deregistration_protection;
mod end_instance_refresh;
mod get_allowed_images_settings;
mod get_bucket_location;
mod get_caller_identity;
mod get_image_block_public_access_state;
mod get_object;
mod get_parameter_history;
mod get_parameters;
mod get_resource;
mod get_rule;
mod import_snapshot;
mod launchers;
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
mod list_object_versions;
mod list_objects_v2;
mod list_organizational_units;
mod list_parts;
mod list_recovery_points_by_backup_vault;
mod list_resources;
mod list_rules;
mod list_service_quotas;
mod list_snapshots_in_recycle_bin;
mod list_volumes_in_recycle_bin;
mod modify_launch_permissions;
mod modify_launch_template;
mod modify_snapshot_permissions;
mod modify_snapshot_tier;
mod publish;
mod put_parameter;
mod put_snapshot_block;
mod register_image;
mod restore_image_from_recycle_bin;
mod restore_snapshot_from_recycle_bin;
mod restore_snapshot_tier;
mod restore_volume_from_recycle_bin;
mod run_instances;
mod select_aggregate_resource_config;
mod start_instance_refresh;
mod start_snapshot;
mod terminate_instances;
mod upload_part;

/// Bytes in base64, as EC2 takes them where a member is a text.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    aws_smithy_types::base64::encode(bytes)
}

/// Implements one operation of the port: how to send it with a Region's clients, and what its output means.
macro_rules! over_sdk {
    ($operation:ident, |$clients:ident, $request:ident| $send:expr, |$output:ident| $reply:expr) => {
        impl amictl_cloud::Call<amictl_cloud::ops::$operation> for crate::AwsCloud {
            fn call<'a>(
                &'a self,
                region: &'a amictl_model::Region,
                request: <amictl_cloud::ops::$operation as amictl_cloud::Operation>::Request,
            ) -> futures::future::BoxFuture<
                'a,
                Result<<amictl_cloud::ops::$operation as amictl_cloud::Operation>::Reply, amictl_cloud::CloudError>,
            > {
                const OPERATION: &str = <amictl_cloud::ops::$operation as amictl_cloud::Operation>::SPEC.name;
                Box::pin(async move {
                    let $request = &request;
                    let $output = self
                        .send::<amictl_cloud::ops::$operation, _, _>(region, |$clients| {
                            let call = $send;
                            crate::worker::run(OPERATION, async move {
                                let output = call.send().await;
                                let output = output.map_err(|error| crate::classify::classify(OPERATION, &error))?;
                                Ok(crate::answer::Answer::from(output))
                            })
                        })
                        .await?;
                    $reply
                })
            }
        }
    };
}
use over_sdk;
