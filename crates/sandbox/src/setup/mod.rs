//! What a sandbox is started with: worlds by name or file, and the texts of options.

mod keeper;
mod pace_text;
pub(crate) mod settings;
mod span;
mod start;
mod state_file;
mod world_source;

pub use keeper::Keeper;
pub use settings::SettingsError;
pub use span::{Span, SpanTextError};
pub use start::{Running, Setup, SetupError};
pub use state_file::{StateFile, StateFileError};
pub use world_source::{OpenError, Opened, WorldSource};
