//! The port over AWS: the only crate that imports the AWS SDK.
//!
//! Credentials and Regions in [`Connection`]; one client an account and Region behind [`AwsCloud`], which meters every request,
//! retries included, through a token bucket an API.

mod answer;
mod classify;
mod clients;
mod cloud;
mod connect;
mod convert;
mod exchange;
mod governor;
mod http;
mod objects;
mod ops;
mod retry;
mod transport;
mod webhook;
mod worker;

pub use cloud::AwsCloud;
pub use connect::{AssumedRole, ConnectError, Connection, ConnectionSettings};
pub use governor::RateModel;
pub use objects::BucketError;
pub use ops::base64;
pub use transport::{Broken, Transport};
pub use webhook::{PostError, WebhookClient};
