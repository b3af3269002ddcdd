//! Files as a source: whatever holds an AMI id, such as Terraform state, a Packer manifest or Helm values.

mod evidence;
mod mention;
mod walk;

pub use evidence::read_files;
pub(crate) use mention::image_ids;
pub use mention::{Mention, mentions};
pub use walk::{FileSweep, sweep_files};
