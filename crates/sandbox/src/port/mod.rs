//! The door in process: the port of `amictl-cloud` without a wire.

mod asked;
mod auto_scaling;
mod bins;
mod images;
mod in_process;
mod instances;
mod launchers;
mod organization;
mod other;
mod parameters;
mod resources;
mod snapshots;
mod templates;
mod usage_reports;

pub use in_process::InProcess;
