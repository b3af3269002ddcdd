//! The state folder: inventories, plans, runs with their journals, locks. Immutable files, but for journals, which only grow.

mod error;
mod file;
mod folder;
mod inventories;
mod journal;
mod lock;
mod plans;
mod runs;

pub use error::StateError;
pub use folder::StateFolder;
pub use journal::FileJournal;
pub use lock::{LockOwner, ScopeLock};
pub use plans::save_plan_to;
pub use runs::{StoredRun, StoredUndo};
