//! Verdicts become a plan: ordered steps, caps, a digest, and the file format. Pure.

mod ahead;
mod approval;
mod build;
mod bundles;
mod canonical;
mod change;
mod check;
mod command;
mod file;
#[doc(hidden)]
pub mod fuzzing;
mod id_hash;
mod id_numbers;
mod importing;
mod launching;
mod limits;
mod named;
mod price;
mod read_write;
mod registering;
mod removal;
mod retired;
mod rollout;
mod snapshots;
mod steps;
mod stored;
mod summary;
mod target;

pub use approval::{APPROVAL_COMMENT_MAX, Approval, Approved, person};
pub use build::{PlanInput, build};
pub use bundles::{Added, Bundling, Emptied, StepId, add_steps};
pub use change::{Change, Copying, Creation, Publishing, Sharing, Then};
pub use command::{CommandInput, CommandStep, build_command};
pub use file::{
    Action, Expects, FORMAT_VERSION, Plan, PlanCaps, PlanCoverage, PlanDecision, PlanLimits, PlanReferences,
    PlanVerdict, SnapshotDeletion, Staging, Step, StepSnapshot, Undo,
};
pub use importing::{CONTENT_TAG, DiskFormat, Importing, KEY_TAG, Via};
pub use launching::{Launching, LaunchingTemplate};
pub use limits::{CapViolation, check_limits};
pub use named::build_named;
pub use price::{PRICES_AS_OF, monthly_usd_of_objects, monthly_usd_upper_bound};
pub use read_write::PlanFileError;
pub use registering::{RegisteredOf, Registration, RootSnapshot};
pub use removal::{Restoring, SnapshotRemoval, Termination, VolumeRemoval};
pub use rollout::{GroupVersion, RefreshSettings, Rollout, RolloutGroup, RolloutVersion};
pub use snapshots::step_id;
pub use stored::{S3Restoring, Storing};
pub use summary::{Counts, DecisionCounts};
pub use target::Target;
