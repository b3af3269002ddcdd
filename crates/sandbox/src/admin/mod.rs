//! The admin endpoint: the world, the clock, faults, hooks and counts over HTTP, for tests in any language.
//!
//! It listens on the loopback interface only, and answers only requests that name it by a loopback name, so that no page in a
//! browser can reach it through a name of its own.

mod body;
mod clock;
mod hooks;
mod operations;
mod reply;
mod routes;
mod server;
mod world;

pub use server::{Admin, AdminConfig, AdminError, AdminHandle};
