//! Files as a source: whatever holds an AMI id, such as Terraform state, a Packer manifest or Helm values.

mod bucket;
mod evidence;
mod mention;
mod packed;
mod walk;

pub use bucket::{BucketPath, sweep_bucket};
pub use evidence::{FilePlace, read_files, sweep_places};
pub(crate) use mention::image_ids;
pub use mention::{Mention, mentions};
pub use walk::{FileSweep, sweep_files};
