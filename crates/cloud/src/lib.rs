//! The port: what amictl asks of AWS, declared once, without any AWS crate.
//!
//! One file an operation in [`ops`]: its request, its reply and its [`OperationSpec`]. `aws` implements them over the SDK,
//! `sandbox` in process; whoever uses the port cannot tell which.

mod advice;
mod bucket;
mod call_log;
mod clock;
mod clouds;
mod error;
mod iam;
mod meter;
mod need;
mod operation;
pub mod ops;
mod page;

pub use advice::advice;
pub use bucket::{Bucket, documented_bucket};
pub use call_log::{CallLog, SentCall};
pub use clock::Clock;
pub use clouds::Clouds;
pub use error::{CloudError, ErrorClass};
pub use iam::{IAM_POLICY_CHARS_MAX, IamPolicy, Partition, Statement, needs_of};
pub use meter::{CallCount, CallMeter};
pub use need::{NEEDS, Need, NeedRow, Task, need};
pub use operation::{Call, Cloud, Effect, Operation, OperationSpec, Service};
pub use page::{PageError, Paged, for_each_page};
