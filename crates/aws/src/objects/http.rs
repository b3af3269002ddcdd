//! `object_store`'s requests over the SDK's HTTP: one TLS stack, one proxy setting, one set of trusted certificates.

use std::sync::Arc;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest as SdkRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};

use crate::http;
use crate::transport::{self, Transport};

/// A way for requests that the SDK has.
#[derive(Debug, Clone)]
pub(super) struct OverSdk(SharedHttpConnector);

impl OverSdk {
    /// Over a socket, or as this transport does it.
    pub(super) fn new(transport: Option<&Arc<dyn Transport>>) -> Self {
        Self(transport.map_or_else(http::connector, |transport| transport::connector(Arc::clone(transport))))
    }
}

impl HttpConnector for OverSdk {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for OverSdk {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        tokio::time::timeout(http::ATTEMPT_TIMEOUT, self.answer(request))
            .await
            .unwrap_or_else(|error| Err(HttpError::new(HttpErrorKind::Timeout, error)))
    }
}

impl OverSdk {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let request = ::http::Request::from_parts(head, SdkBody::from(body));
        let request = SdkRequest::try_from(request).map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let response = self.0.call(request).await.map_err(failed)?;
        let response = response.try_into_http1x().map_err(|error| HttpError::new(HttpErrorKind::Decode, error))?;
        let (head, body) = response.into_parts();
        // The state's objects are held in memory anyway.
        let body = ByteStream::new(body).collect().await;
        let body = body.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error))?;
        Ok(HttpResponse::from_parts(head, HttpResponseBody::from(body.into_bytes())))
    }
}

/// Unless the request was never sent, it may have had its effect.
fn failed(error: ConnectorError) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_user() {
        HttpErrorKind::Unknown
    } else {
        HttpErrorKind::Interrupted
    };
    HttpError::new(kind, error)
}
