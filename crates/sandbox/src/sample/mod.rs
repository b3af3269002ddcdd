//! The sample world of `amictl demo`: two accounts, three Regions, some years of images and everything that uses them.

mod families;
mod maker;
mod managed;
mod oddities;
mod usage;
mod whole;

pub use whole::{SAMPLE_ACCOUNTS, SAMPLE_REGIONS, sample};
