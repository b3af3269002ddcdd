//! Calls through the door of bytes, and what the sandbox makes of them beside the operation itself.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking, its helpers too")]

mod bad_requests;
mod client_tokens;
mod decoders;
mod door;
mod faults;
mod lag;
mod permissions;
