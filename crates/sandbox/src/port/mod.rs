//! The door in process: the port of `amictl-cloud` without a wire.

mod auto_scaling;
mod images;
mod in_process;
mod instances;
mod other;
mod snapshots;
mod templates;

pub use in_process::InProcess;
