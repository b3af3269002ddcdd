//! The door in process: the port of `amictl-cloud` without a wire.

mod aggregators;
mod asked;
mod auto_scaling;
mod backups;
mod blocks;
mod buckets;
mod changes;
mod clusters;
mod images;
mod in_process;
mod instance_ends;
mod instances;
mod launchers;
mod notices;
mod organization;
mod other;
mod parameters;
mod recipes;
mod recycle_bin;
mod resources;
mod rolling;
mod settings;
mod snapshots;
mod storage;
mod tags;
mod templates;
mod uploads;
mod usage_reports;

pub use in_process::InProcess;
