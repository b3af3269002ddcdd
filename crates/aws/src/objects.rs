//! A bucket as an [`ObjectStore`], with the connection's credentials and over the SDK's own HTTP and TLS.

mod credentials;
mod endpoint;
mod http;

use std::sync::Arc;
use std::time::Duration;

use amictl_model::Region;
use object_store::aws::AmazonS3Builder;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

use crate::Connection;
use credentials::FromSdk;
pub(crate) use endpoint::custom_endpoint;
use http::OverSdk;

/// Why a bucket cannot be spoken to.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BucketError(String);

impl Connection {
    /// The endpoint of S3 in place of AWS's, if one is set.
    #[must_use]
    pub fn s3_endpoint_url(&self) -> Option<String> {
        custom_endpoint(self.config())
    }

    /// The objects of a bucket in this Region, with the credentials that the connection was opened with.
    ///
    /// # Errors
    /// [`BucketError`] when there is no endpoint for it.
    pub async fn bucket(&self, name: &str, region: &Region) -> Result<Arc<dyn ObjectStore>, BucketError> {
        let config = self.config();
        let url = endpoint::of_bucket(config, name, region).await?;
        let provider = config.credentials_provider().ok_or_else(|| BucketError("no credentials".to_owned()))?;
        let store = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(region.as_str())
            .with_allow_http(url.starts_with("http://"))
            // The endpoint is that of the bucket already, be its name in the host or in the path.
            .with_virtual_hosted_style_request(true)
            .with_endpoint(url)
            .with_credentials(Arc::new(FromSdk::new(provider)))
            .with_http_connector(OverSdk::new(self.transport()))
            .with_retry(retries())
            .build()
            .map_err(|error| BucketError(error.to_string()))?;
        Ok(Arc::new(store))
    }
}

/// Reading is tried again, and so is what a server has refused to do for now.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 5,
        retry_timeout: Duration::from_secs(30),
    }
}
