//! As many requests under way at once as asked for: one is, from when it is sent until its whole reply is here.
//!
//! Signing and decoding are none of it: a page of 1,000 images takes 20 ms to decode, and whoever waited for that would wait for the
//! processor instead of the network.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::sync::Semaphore;

/// An HTTP client or a connector of it, whose exchanges take turns.
#[derive(Debug)]
struct InTurns<C> {
    inner: C,
    turns: Arc<Semaphore>,
}

/// The same client, with so many exchanges at once.
pub(crate) fn in_turns(client: SharedHttpClient, at_once: usize) -> SharedHttpClient {
    SharedHttpClient::new(InTurns { inner: client, turns: Arc::new(Semaphore::new(at_once.max(1))) })
}

impl HttpClient for InTurns<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(InTurns { inner, turns: Arc::clone(&self.turns) })
    }
}

impl HttpConnector for InTurns<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (connector, turns) = (self.inner.clone(), Arc::clone(&self.turns));
        HttpConnectorFuture::new(async move {
            // Nobody closes them; if somebody did, the request would go without a turn.
            let _turn = turns.acquire().await.ok();
            whole(connector.call(request).await?).await
        })
    }
}

/// The reply with its body in memory.
async fn whole(mut reply: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let body = ByteStream::new(reply.take_body()).collect().await;
    *reply.body_mut() = SdkBody::from(body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes());
    Ok(reply)
}
