//! The port's operations over the SDK, one a file.

mod delete_snapshot;
mod deregister_image;
mod describe_auto_scaling_groups;
mod describe_images;
mod describe_instances;
mod describe_launch_configurations;
mod describe_launch_permissions;
mod describe_launch_template_versions;
mod describe_launch_templates;
mod describe_regions;
mod describe_snapshots;
mod disable_image;
mod enable_image;
mod get_caller_identity;
mod modify_launch_permissions;

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
                const OPERATION: &str =
                    <amictl_cloud::ops::$operation as amictl_cloud::Operation>::SPEC.name;
                Box::pin(async move {
                    let $request = &request;
                    let $output = self
                        .send::<amictl_cloud::ops::$operation, _, _>(region, |$clients| {
                            let call = $send;
                            async move { call.send().await.map_err(|error| crate::classify::classify(OPERATION, &error)) }
                        })
                        .await?;
                    $reply
                })
            }
        }
    };
}
use over_sdk;
