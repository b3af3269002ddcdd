//! The HTTP door.

mod authorization;
mod door;
mod request;
mod server;

pub use door::Reset;
pub use server::{Server, ServerConfig, ServerHandle};
