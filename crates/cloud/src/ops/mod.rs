//! The operations, one a file. To add one: a file here, a line in `port!`, an implementation in `aws` and in `sandbox`.

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

pub use delete_snapshot::*;
pub use deregister_image::*;
pub use describe_auto_scaling_groups::*;
pub use describe_images::*;
pub use describe_instances::*;
pub use describe_launch_configurations::*;
pub use describe_launch_permissions::*;
pub use describe_launch_template_versions::*;
pub use describe_launch_templates::*;
pub use describe_regions::*;
pub use describe_snapshots::*;
pub use disable_image::*;
pub use enable_image::*;
pub use get_caller_identity::*;
pub use modify_launch_permissions::*;

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
use paged;
