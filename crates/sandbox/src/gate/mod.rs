//! What stands between a call and the world: counting, throttling, permissions, faults, hooks, latency and lag.

mod counts;
mod entrance;
mod hook;
mod hook_rule;
mod kind;
mod lag;
mod lag_of_call;
mod latency;
mod permissions;
mod policy;
mod rule;
mod span;
mod throttle;
mod within;

pub use counts::{CallCounts, OperationCount};
pub(crate) use entrance::{After, Arrival, Gate, Passing, Verdict};
pub use hook::HookPoint;
pub(crate) use hook_rule::HookLog;
pub use hook_rule::{HookCall, HookError, HookOutcome, HookRule, HookRules, HookRulesError};
pub use kind::{FaultKind, Stall};
pub use lag::{Lag, LagError};
pub(crate) use lag_of_call::LagOfCall;
pub use latency::{Latency, LatencyError};
pub use permissions::{Permissions, PermissionsError};
pub use policy::{Policy, PolicyError};
pub use rule::{FaultRule, FaultRules, FaultRulesError, Phase, Probability, When};
pub use span::SpanError;
pub use throttle::Throttling;
pub(crate) use within::Within;
