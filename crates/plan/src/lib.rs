//! Verdicts become a plan: ordered steps, caps, a digest, and the file format. Pure.

mod ahead;
mod approval;
mod build;
mod canonical;
mod change;
mod check;
mod command;
mod file;
#[doc(hidden)]
pub mod fuzzing;
mod id_hash;
mod id_numbers;
mod limits;
mod price;
mod read_write;
mod retired;
mod snapshots;
mod steps;
mod summary;

pub use approval::{APPROVAL_COMMENT_MAX, Approval, Approved, person};
pub use build::{PlanInput, build};
pub use change::{Change, Copying, Creation, Publishing, Sharing, Then};
pub use command::{CommandInput, CommandStep, build_command};
pub use file::{
    Action, Expects, FORMAT_VERSION, Plan, PlanCaps, PlanCoverage, PlanDecision, PlanLimits, PlanReferences,
    PlanVerdict, SnapshotDeletion, Staging, Step, StepSnapshot, Undo,
};
pub use limits::{CapViolation, check_limits};
pub use price::{PRICES_AS_OF, monthly_usd_upper_bound};
pub use read_write::PlanFileError;
pub use snapshots::step_id;
pub use summary::{Counts, DecisionCounts};
