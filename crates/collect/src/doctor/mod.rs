//! Whether everything that amictl needs works: each operation tried once with a real call, without reading anything whole.

mod checkup;
mod health;
mod sampler;
mod settings;

pub use checkup::{Checkup, CheckupRequest, Standing, check_up};
pub use health::{Health, NeedHealth, Tried};
pub use settings::RegionSettings;

pub use crate::recovery::{Answer, Recovery};
