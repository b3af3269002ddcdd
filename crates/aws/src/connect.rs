//! Credentials, endpoint and Region: the AWS CLI's own chain, then an assumed role if one is asked for.

use std::sync::Arc;
use std::time::Duration;

use amictl_cloud::Partition;
use amictl_model::Region;
use aws_config::BehaviorVersion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use tokio::sync::Semaphore;

use crate::cloud::AwsCloud;
use crate::governor::RateModel;
use crate::transport::{self, Transport};
use crate::{exchange, http};

/// Calls that are signed, sent or decoded, for each request that is under way: enough that one is always ready to be sent.
const AT_WORK_PER_EXCHANGE: usize = 3;

/// How to connect; what is `None` comes from the environment and the AWS configuration files.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSettings {
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// An endpoint in place of AWS's (also `AWS_ENDPOINT_URL`).
    pub endpoint_url: Option<String>,
    /// A role to assume with the credentials found.
    pub role_arn: Option<String>,
    /// These credentials in place of the chain's, for an endpoint that is not AWS: (access key id, secret access key).
    pub fixed_credentials: Option<(String, String)>,
    /// Requests under way at once, at most.
    pub concurrency: usize,
    /// What to assume of the endpoint's limits; by default the documented buckets for AWS and none for another endpoint.
    pub rate: Option<RateModel>,
    /// Another way for requests than over a socket.
    pub transport: Option<Arc<dyn Transport>>,
}

/// Why no connection could be prepared.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No usable credentials.
    #[error("no AWS credentials: {0}")]
    Credentials(String),
    /// The endpoint is not a URL.
    #[error("the endpoint `{0}` is not an http:// or https:// URL")]
    Endpoint(String),
}

/// An account's credentials, ready to call.
#[derive(Debug)]
pub struct Connection {
    config: SdkConfig,
    settings: ConnectionSettings,
    /// Of all accounts that this connection leads to: see `AwsCloud`.
    at_work: Arc<Semaphore>,
}

/// A role of another account.
#[derive(Debug, Clone)]
pub struct AssumedRole {
    /// Its ARN.
    pub arn: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
}

impl Connection {
    /// Reads the environment and the AWS configuration files, and loads the credentials once to see that there are some.
    ///
    /// # Errors
    /// [`ConnectError`] when there are no credentials or the endpoint is no URL.
    pub async fn open(settings: ConnectionSettings) -> Result<Self, ConnectError> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            // amictl retries itself, so that each attempt passes the governor: see `retry`.
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(http::CONNECT_TIMEOUT)
                    .read_timeout(http::READ_TIMEOUT)
                    .operation_attempt_timeout(http::ATTEMPT_TIMEOUT)
                    .operation_timeout(Duration::from_secs(95))
                    .build(),
            );
        if let Ok(name) = AppName::new(concat!("amictl-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        let http_client = match &settings.transport {
            Some(transport) => transport::client(Arc::clone(transport)),
            None => http::client(),
        };
        loader = loader.http_client(exchange::in_turns(http_client, settings.concurrency));
        if let Some(profile) = &settings.profile {
            // Named on the command line it goes before the environment's keys, as with the AWS CLI.
            let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        if let Some((key, secret)) = &settings.fixed_credentials {
            loader = loader.credentials_provider(Credentials::new(key, secret, None, None, "amictl"));
        }
        if let Some(url) = &settings.endpoint_url {
            if !(url.starts_with("http://") || url.starts_with("https://")) {
                return Err(ConnectError::Endpoint(url.clone()));
            }
            loader = loader.endpoint_url(url);
        }
        let mut config = loader.load().await;
        if let Some(role) = &settings.role_arn {
            let region = config.region().cloned().unwrap_or(aws_types::region::Region::from_static("us-east-1"));
            let base = config.to_builder().region(region).retry_config(assume_retries()).build();
            let provider = AssumeRoleProvider::builder(role).session_name("amictl").configure(&base).build().await;
            config = config.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
        }
        let at_work = Arc::new(Semaphore::new(settings.concurrency.max(1).saturating_mul(AT_WORK_PER_EXCHANGE)));
        let connection = Self { config, settings, at_work };
        connection.check_credentials().await?;
        Ok(connection)
    }

    async fn check_credentials(&self) -> Result<(), ConnectError> {
        let Some(provider) = self.config.credentials_provider() else {
            return Err(ConnectError::Credentials("no provider is configured".to_owned()));
        };
        provider.provide_credentials().await.map(|_| ()).map_err(|error| {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text.push_str(": ");
                text.push_str(&error.to_string());
                cause = error.source();
            }
            let profile = self.settings.profile.as_ref().map(|name| format!("profile `{name}`: ")).unwrap_or_default();
            // The chain lists what it tried line by line.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            ConnectError::Credentials(format!("{profile}{text}"))
        })
    }

    /// The port with another role, assumed with this connection's credentials when the first call needs it. Requests of both are
    /// under way at once as many as those of one.
    pub async fn assume(&self, role: &AssumedRole) -> AwsCloud {
        let region = self.config.region().cloned().unwrap_or(aws_types::region::Region::from_static("us-east-1"));
        // Roles are assumed beside the port and its retries.
        let base = self.config.to_builder().region(region).retry_config(assume_retries()).build();
        let mut builder = AssumeRoleProvider::builder(&role.arn).session_name("amictl").configure(&base);
        if let Some(external_id) = &role.external_id {
            builder = builder.external_id(external_id);
        }
        let provider = SharedCredentialsProvider::new(builder.build().await);
        self.cloud_of(self.config.to_builder().credentials_provider(provider).build())
    }

    /// The Region of the environment or the configuration files, if one is set.
    #[must_use]
    pub fn default_region(&self) -> Option<String> {
        self.config.region().map(|region| region.as_ref().to_owned())
    }

    /// The Region for calls that are the same in all (who the caller is, which Regions there are): the default one, else one of
    /// the same partition as `asked`.
    #[must_use]
    pub fn home_region(&self, asked: Option<&Region>) -> Option<Region> {
        let default = self.default_region().and_then(|code| code.parse().ok());
        let elsewhere = asked.filter(|region| Partition::of(region.as_str()) != Partition::Aws);
        default.or_else(|| elsewhere.cloned()).or_else(|| "us-east-1".parse().ok())
    }

    /// The endpoint in place of AWS's, if one is set.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.config.endpoint_url()
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(crate) fn transport(&self) -> Option<&Arc<dyn Transport>> {
        self.settings.transport.as_ref()
    }

    /// The port over this connection.
    #[must_use]
    pub fn cloud(&self) -> AwsCloud {
        self.cloud_of(self.config.clone())
    }

    fn cloud_of(&self, config: SdkConfig) -> AwsCloud {
        let rate = self.settings.rate.unwrap_or(if self.endpoint_url().is_some() {
            RateModel::Adaptive
        } else {
            RateModel::Documented
        });
        AwsCloud::new(config, rate, Arc::clone(&self.at_work))
    }
}

/// How often `AssumeRole` is sent where it is throttled or fails.
fn assume_retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(8)
}
