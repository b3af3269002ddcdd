//! What the state promises, in a folder and in a bucket alike.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking, its helpers too")]

mod ambiguous;
mod approvals;
mod bench;
mod damaged;
mod decoders;
mod journals;
mod kept;
mod locks;
mod notices;
mod run_locks;
mod unsteady;
