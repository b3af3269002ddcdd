//! The HTTP door.

mod authorization;
mod delivery;
mod door;
mod request;
mod server;

pub(crate) use authorization::service_of;
pub use delivery::Delivery;
pub use server::{Server, ServerConfig, ServerHandle};

/// Reads an `Authorization` header, whatever it says.
pub(crate) fn read_signature(text: &str) {
    let _ = authorization::Signed::read(text);
}
