//! The HTTP door.

mod authorization;
mod request;
mod server;

pub use server::{Server, ServerConfig, ServerHandle};
