//! The state: what there is, in each account and Region. What may be done with it stands in the operations.

mod catalog;
mod group;
mod id;
mod image;
mod instance;
mod network;
mod pace;
mod parameter;
mod scope;
mod shelf;
mod snapshot;
mod state;
mod tagged;
mod template;
mod volume;

pub use catalog::RegionInfo;
pub use group::{Group, GroupInstance, GroupTemplate, LaunchConfiguration, MixedInstances, TemplateOverride};
pub use image::{Image, ImageTraits, LAUNCH_REPORTED_AFTER_SECS, Launches, MappedEbs, Mapping, Protection};
pub use instance::{Instance, InstanceDevice, InstanceState};
pub(crate) use network::{default_subnet, default_vpc, zones};
pub use pace::Pace;
pub use parameter::Parameter;
pub use scope::Scope;
pub(crate) use shelf::Shelf;
pub use snapshot::Snapshot;
pub(crate) use state::Session;
pub use state::World;
pub use template::{Template, TemplateData, TemplateVersion};
pub use volume::Volume;
