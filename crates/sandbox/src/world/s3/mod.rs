//! What S3 holds: buckets, objects with their versions, uploads that are not complete yet.

mod blob;
mod bucket;
mod object;
mod store;
mod upload;

pub use blob::Blob;
pub use bucket::{Bucket, Versioning};
pub use object::{Checksum, Object, ObjectHeaders};
pub use store::Store;
pub use upload::{Part, Upload};
