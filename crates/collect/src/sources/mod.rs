//! The sources, one a file. To add one: a variant of `Source`, a file here, a line in `sweep`.

pub mod auto_scaling_groups;
pub mod images;
pub mod instances;
pub mod launch_configurations;
pub mod launch_templates;
pub mod snapshots;
