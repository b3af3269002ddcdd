//! World builders, generators and the simulation runner that the other crates' tests and benches share.

mod inventory;
mod mutation;
mod parts;
mod random;

pub use inventory::{InventorySpec, inventory};
pub use mutation::mutated;
pub use parts::{ACCOUNT, NOW, REGION, image, in_scope, instance, inventory_of, snapshot, template_version};
pub use random::Random;
