//! The state: inventories, plans, runs with their journals, locks. Immutable files, but for journals, which only grow, and locks.
//! In a folder of this machine, or in a bucket of S3 that runners share.

mod approvals;
mod audit;
mod bucket;
mod error;
mod file;
#[doc(hidden)]
pub mod fuzzing;
mod guarded;
mod inventories;
mod journal;
mod lock;
mod notices;
mod plans;
mod problem;
mod run_locks;
mod runs;
mod store;

pub use audit::{Audit, AuditLines};
pub use error::StateError;
pub use guarded::GuardedJournal;
pub use inventories::load_inventory_file;
pub use journal::RunJournal;
pub use lock::{LockOwner, ScopeLock};
pub use notices::{SentNotice, SentStage};
pub use plans::save_plan_to;
pub use problem::BucketProblem;
pub use run_locks::RunLocks;
pub use runs::StoredRun;
pub use store::Store;
