//! Another way for requests than over a socket: into whatever answers HTTP in the same process.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use futures::future::BoxFuture;

/// Answers the SDK's HTTP requests in the same process, such as a sandbox under test with paused time.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Answers a request.
    ///
    /// # Errors
    /// When the connection breaks before there is an answer: what became of the request is not known then.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, Broken>>;
}

/// A connection that broke before there was an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke: {0}")]
pub struct Broken(pub String);

/// A transport as the SDK's HTTP client.
#[derive(Debug, Clone)]
struct InProcess(Arc<dyn Transport>);

/// The SDK's HTTP client over this transport.
pub(crate) fn client(transport: Arc<dyn Transport>) -> SharedHttpClient {
    SharedHttpClient::new(InProcess(transport))
}

/// A transport for requests that are not made by one of the SDK's clients.
pub(crate) fn connector(transport: Arc<dyn Transport>) -> SharedHttpConnector {
    SharedHttpConnector::new(InProcess(transport))
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let transport = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (head, body) = request.into_parts();
            let body = ByteStream::new(body).collect().await.map_err(|error| ConnectorError::user(error.into()))?;
            let answer = transport.send(http::Request::from_parts(head, body.into_bytes())).await;
            let answer = answer.map_err(|broken| ConnectorError::io(broken.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
