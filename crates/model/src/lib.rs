//! What amictl knows about an account: images, snapshots, references and how much of it could be read. No I/O, no clock.

mod bundle;
mod coverage;
mod files;
mod id;
mod image;
mod inventory;
mod launch_permission;
mod moment;
mod new_image;
mod platform;
mod reference;
mod snapshot;
mod source;
mod storage;
mod tag;
mod usage;

pub use bundle::BundlePlace;
pub use coverage::{Coverage, CoverageStatus};
pub use files::{FileEvidence, FileMention};
pub use id::{AccountId, IdError, ImageId, InstanceId, Region, SnapshotId, VolumeId};
pub use image::{BlockDevice, DeregistrationProtection, Image, ImageState, RootDeviceType};
pub use inventory::{FORMAT_VERSION as INVENTORY_FORMAT_VERSION, Inventory, InventoryError, Scope, ScopeInventory};
pub use launch_permission::{Grantee, LaunchPermissions};
pub use moment::{Moment, MomentError};
pub use new_image::{NewDevice, NewImageTraits};
pub use platform::Platform;
pub use reference::{Reference, Usage};
pub use snapshot::{Snapshot, SnapshotState, StorageTier};
pub use source::Source;
pub use storage::{BinnedImage, BinnedSnapshot, BinnedVolume, SnapshotPermissions, SnapshotUse, Storage, Volume};
pub use tag::Tags;
pub use usage::{AccountUse, ImageUsage, UsageReport, Witnessed};
