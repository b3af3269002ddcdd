//! What a sandbox is started with: worlds by name or file, and the texts of options.

mod pace_text;
pub(crate) mod settings;
mod span;
mod state_file;
mod world_source;

pub use settings::SettingsError;
pub use span::{Span, SpanError};
pub use state_file::{StateFile, StateFileError};
pub use world_source::{OpenError, Opened, WorldSource};
