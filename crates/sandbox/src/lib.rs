//! The sandbox: a pure EC2 world behind AWS's own wire protocols, for demos, rehearsals, benches and tests.
//!
//! [`World`] is state and rules, without I/O and without a clock. [`Sandbox`] puts a clock, throttling, faults and hooks
//! around it. Two doors lead in: [`Server`] speaks HTTP as AWS does; [`InProcess`] implements the port without a wire.
//! Nothing in it knows amictl.

mod caller;
mod clock;
mod fault;
mod filter;
mod gate;
mod generate;
mod http;
mod ops;
mod page;
mod port;
mod sample;
mod sandbox;
mod wire;
pub mod world;

pub use caller::{Caller, DEFAULT_ACCOUNT, account_of_access_key};
pub use clock::Clock;
pub use fault::Fault;
pub use gate::{
    CallCounts, FaultKind, FaultRule, FaultRules, FaultRulesError, HookPoint, OperationCount, Phase, Throttling, When,
};
pub use generate::{Generate, generate};
pub use http::{Reset, Server, ServerConfig, ServerHandle};
pub use port::InProcess;
pub use sample::{SAMPLE_ACCOUNTS, SAMPLE_REGIONS, sample};
pub use sandbox::{Sandbox, SandboxConfig};
pub use world::World;
