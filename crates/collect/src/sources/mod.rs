//! The sources, one a file. To add one: a line in `Source` and in its `REFERENCES`, a file here, a line in `sweep`.

use amictl_model::{SnapshotUse, Source};

pub(crate) mod auto_scaling_groups;
pub(crate) mod backup;
pub(crate) mod cloud_control;
pub(crate) mod ec2_fleets;
pub(crate) mod emr;
pub(crate) mod fast_launch;
pub(crate) mod image_builder;
pub(crate) mod image_tasks;
pub(crate) mod images;
pub(crate) mod instance_image_metadata;
pub(crate) mod instance_refreshes;
pub(crate) mod instances;
pub(crate) mod launch_configurations;
pub(crate) mod launch_templates;
pub(crate) mod root_volume_replacements;
pub(crate) mod snapshots;
pub(crate) mod spot_fleets;
pub(crate) mod spot_requests;
pub(crate) mod ssm_parameters;
pub(crate) mod warm_pools;

/// The uses of snapshots that a resource names; what is no snapshot id is none.
fn snapshot_uses<'a>(source: Source, resource: &'a str, named: &'a [String]) -> impl Iterator<Item = SnapshotUse> + 'a {
    let ids = named.iter().filter_map(|id| id.parse().ok());
    ids.map(move |snapshot| SnapshotUse { snapshot, source, resource: resource.into() })
}
