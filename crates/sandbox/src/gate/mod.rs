//! What stands between a call and the world: counting, throttling, faults and hooks.

mod counts;
mod entrance;
mod hook;
mod hook_rule;
mod rule;
mod throttle;

pub use counts::{CallCounts, OperationCount};
pub(crate) use entrance::{Gate, Verdict};
pub use hook::HookPoint;
pub(crate) use hook_rule::HookLog;
pub use hook_rule::{HookCall, HookError, HookOutcome, HookRule, HookRules, HookRulesError};
pub use rule::{FaultKind, FaultRule, FaultRules, FaultRulesError, Phase, When};
pub use throttle::Throttling;
