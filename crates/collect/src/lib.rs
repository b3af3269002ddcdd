//! Inventory through the port: everything that matters to images in an account and Region, and what could not be read.
//!
//! One file a source in [`sources`]. A source that is not read whole says so in its `Coverage`; it never returns a short list
//! as if it were all.

mod aggregator;
mod aliases;
pub mod bundles;
mod copies;
pub mod doctor;
mod estimate;
mod event;
pub mod files;
mod follow;
#[doc(hidden)]
pub mod fuzzing;
mod held;
mod listed;
mod origin;
mod permissions;
mod reader;
mod recovery;
mod request;
mod scan;
mod sources;
mod storage;
mod sweep;
mod usage;
mod usage_reports;
mod witness;

pub use aggregator::{Aggregator, ask_aggregator};
pub use copies::{Copying, read_copies};
pub use estimate::{OperationEstimate, ScanEstimate, estimate_scan};
pub use event::{Observer, ScanEvent};
pub use held::{HeldSnapshots, read_allowed_images, read_held};
pub use origin::{MadeFor, SnapshotOrigin, find_origin};
pub use permissions::read_launch_permissions;
pub use reader::Reader;
pub use recovery::{Recovery, read_recovery, read_volume_rules, retention_days};
pub use request::ImageRequest;
pub use scan::{ScanRequest, Unreachable, scan};
pub use storage::{SnapshotRequest, read_snapshot_permissions, read_storage};
pub use sweep::{ReferenceSweep, sweep_references};
pub use usage::{UsageSettings, read_usage};
pub use witness::ask_witness;
