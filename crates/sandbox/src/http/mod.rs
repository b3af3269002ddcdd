//! The HTTP door.

mod authorization;
mod door;
mod request;
mod server;

pub(crate) use authorization::service_of;
pub use door::Reset;
pub use server::{Server, ServerConfig, ServerHandle};
