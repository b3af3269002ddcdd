//! The HTTP door.

mod authorization;
mod delivery;
mod door;
mod request;
mod server;

pub use delivery::Delivery;
pub use server::{Server, ServerConfig, ServerHandle};
