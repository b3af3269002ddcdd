//! The sandbox: a pure EC2 world behind AWS's own wire protocols, for demos, rehearsals, benches and tests.
//!
//! [`World`] is state and rules, without I/O and without a clock. [`Sandbox`] puts a clock, throttling, faults and hooks
//! around it. Two doors lead in: [`Server`] speaks HTTP as AWS does; [`InProcess`] implements the port without a wire.
//! Nothing in it knows amictl.

mod admin;
mod caller;
mod chance;
mod clock;
mod dialect;
mod fault;
mod filter;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod generate;
mod http;
mod once;
mod ops;
mod page;
mod port;
mod s3;
mod sample;
mod sandbox;
mod setup;
mod twin;
mod wire;
pub mod world;

pub use admin::{Admin, AdminConfig, AdminError, AdminHandle};
pub use caller::{Caller, DEFAULT_ACCOUNT, account_of_access_key};
pub use clock::Clock;
pub use fault::Fault;
pub use gate::{
    CallCounts, FaultKind, FaultRule, FaultRules, FaultRulesError, HookCall, HookError, HookOutcome, HookPoint,
    HookRule, HookRules, HookRulesError, Lag, LagError, Latency, LatencyError, OperationCount, Permissions,
    PermissionsError, Phase, Policy, PolicyError, Probability, SpanError, Stall, Throttling, When,
};
pub use generate::{Generate, generate};
pub use http::{Delivery, Server, ServerConfig, ServerHandle};
pub use port::InProcess;
pub use sample::{SAMPLE_ACCOUNTS, SAMPLE_REGIONS, sample};
pub use sandbox::{Sandbox, SandboxConfig};
pub use setup::{
    Keeper, OpenError, Opened, Running, SettingsError, Setup, SetupError, Span, SpanTextError, StateFile,
    StateFileError, WorldSource,
};
pub use twin::{Twin, twin};
pub use world::World;
