//! Posting documents to URLs that are not AWS's, over the SDK's own HTTP: one TLS stack, one proxy setting, one set of trusted certificates.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::http;

/// How long a post may take.
const POST_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a post is sent that was turned away for now.
const ATTEMPTS_MAX: u32 = 3;
/// What is waited before the next attempt, unless the answer says how long.
const PAUSE: Duration = Duration::from_secs(1);
/// Nobody is waited for longer.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Posts documents; redirects are not followed.
#[derive(Debug, Clone)]
pub struct WebhookClient(SharedHttpConnector);

/// Why a document was not taken, as far as is known. It never holds the URL, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PostError {
    /// What went wrong.
    pub message: String,
    /// Whether it may have arrived all the same.
    pub may_have_arrived: bool,
}

impl Default for WebhookClient {
    fn default() -> Self {
        Self::new()
    }
}

impl WebhookClient {
    /// Over a socket.
    #[must_use]
    pub fn new() -> Self {
        Self(http::connector())
    }

    /// Posts a JSON document. What was turned away for now (status 429 and 503) or could not connect is sent again, twice.
    ///
    /// # Errors
    /// [`PostError`] unless the answer has a status of 200 to 299.
    pub async fn post_json(&self, url: &str, document: &str) -> Result<(), PostError> {
        let mut attempt = 1;
        loop {
            let again = match self.send(url, document).await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) if matches!(answer.status().as_u16(), 429 | 503) => {
                    Again { error: of_status(&answer), after: retry_after(&answer) }
                }
                Ok(answer) => return Err(of_status(&answer)),
                Err(error) if error.may_have_arrived => return Err(error),
                Err(error) => Again { error, after: PAUSE },
            };
            if attempt >= ATTEMPTS_MAX {
                return Err(again.error);
            }
            attempt += 1;
            tokio::time::sleep(again.after).await;
        }
    }

    async fn send(&self, url: &str, document: &str) -> Result<HttpResponse, PostError> {
        let request = ::http::Request::post(url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", concat!("amictl/", env!("CARGO_PKG_VERSION")))
            .body(SdkBody::from(document))
            .map_err(|_| never_sent("the URL cannot be used".to_owned()))?;
        let request = HttpRequest::try_from(request).map_err(|_| never_sent("the URL cannot be used".to_owned()))?;
        match tokio::time::timeout(POST_TIMEOUT, self.0.call(request)).await {
            Ok(answer) => answer.map_err(|error| failed(&error)),
            Err(_) => {
                let message = format!("no answer within {} s", POST_TIMEOUT.as_secs());
                Err(PostError { message, may_have_arrived: true })
            }
        }
    }
}

/// A post that is to be sent again.
struct Again {
    error: PostError,
    after: Duration,
}

fn never_sent(message: String) -> PostError {
    PostError { message, may_have_arrived: false }
}

/// A server that fails may have passed the document on before.
fn of_status(answer: &HttpResponse) -> PostError {
    let status = answer.status().as_u16();
    let may_have_arrived = status >= 500 && status != 503;
    PostError { message: format!("it answered with HTTP status {status}"), may_have_arrived }
}

/// `Retry-After` in seconds, as far as it is reasonable.
fn retry_after(answer: &HttpResponse) -> Duration {
    let secs = answer.headers().get("retry-after").and_then(|value| value.trim().parse().ok());
    secs.map_or(PAUSE, Duration::from_secs).min(PAUSE_MAX)
}

fn failed(error: &ConnectorError) -> PostError {
    // The innermost cause says what happened; those around it may name the URL.
    let mut innermost: &dyn std::error::Error = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    let text = format!("{error:?}");
    let never_connected =
        error.is_user() || ["Connect", "dns error", "ConnectionRefused"].iter().any(|word| text.contains(word));
    PostError { message: innermost.to_string(), may_have_arrived: !never_connected }
}
