//! What stands between a call and the world: counting, throttling, faults and hooks.

mod counts;
mod entrance;
mod hook;
mod rule;
mod throttle;

pub use counts::{CallCounts, OperationCount};
pub(crate) use entrance::{Gate, Verdict};
pub use hook::HookPoint;
pub use rule::{FaultKind, FaultRule, FaultRules, FaultRulesError, Phase, When};
pub use throttle::Throttling;
