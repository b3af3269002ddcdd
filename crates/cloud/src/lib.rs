//! The port: what amictl asks of AWS, declared once, without any AWS crate.
//!
//! One file an operation in [`ops`]: its request, its reply and its [`OperationSpec`]. `aws` implements them over the SDK,
//! `sandbox` in process; whoever uses the port cannot tell which.

mod bucket;
mod clock;
mod clouds;
mod error;
mod meter;
mod operation;
pub mod ops;
mod page;

pub use bucket::{Bucket, documented_bucket};
pub use clock::Clock;
pub use clouds::Clouds;
pub use error::{CloudError, ErrorClass};
pub use meter::{CallCount, CallMeter};
pub use operation::{Call, Cloud, Effect, Operation, OperationSpec, Service};
pub use page::{PageError, Paged, for_each_page};
