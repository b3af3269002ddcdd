//! One HTTP client for all accounts, Regions and services: connections are used again, and the trusted certificates are read once.
//!
//! Each of the SDK's clients would make its own otherwise: thousands of them for an organisation.

use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};

/// How long a connection may take to be made.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take to begin.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a request may take, with all of its answer.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(90);

/// The client, with the SDK's own TLS and the proxy that the environment names.
pub(crate) fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(aws_sdk_sts::config::RuntimeComponents::sleep_impl));
        finish(builder)
    })
}

/// The same for requests that are not made by one of the SDK's clients.
pub(crate) fn connector() -> SharedHttpConnector {
    let mut builder = Connector::builder();
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    builder.set_connector_settings(Some(settings));
    SharedHttpConnector::new(finish(builder))
}

fn finish(mut builder: ConnectorBuilder) -> Connector {
    builder.set_proxy_config(Some(ProxyConfig::from_env()));
    builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}
