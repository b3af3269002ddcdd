//! Calls through the door of bytes, and what the sandbox makes of them beside the operation itself.

mod bad_requests;
mod client_tokens;
mod decoders;
mod door;
mod faults;
mod lag;
mod permissions;
