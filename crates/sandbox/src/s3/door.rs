//! Bytes in, bytes out, for S3.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use s3s::service::S3ServiceBuilder;

use super::address::Hosts;
use super::chunked::unchunk;
use super::service::Door;
use super::through::error_of;
use crate::http::Delivery;
use crate::{Caller, Fault, Sandbox};

/// Answers a request that was signed for S3.
pub(crate) async fn answer(sandbox: &Sandbox, caller: Caller, request: Request<Bytes>, request_id: &str) -> Delivery {
    let is_head = request.method() == Method::HEAD;
    let travel = Arc::new(Mutex::new(Travel::default()));
    let door = Door { sandbox: sandbox.clone(), caller, travel: Arc::clone(&travel) };
    let answered = match unsigned(request) {
        Ok(request) => {
            let mut service = S3ServiceBuilder::new(door);
            service.set_host(Hosts);
            service.build().call(request.map(s3s::Body::from)).await.ok()
        }
        Err(fault) => error_of(fault).to_http_response().ok(),
    };
    let travel = std::mem::take(&mut *travel.lock().unwrap_or_else(PoisonError::into_inner));
    let (delay, is_truncated) = match travel {
        Travel::Arrives { delay, is_truncated } => (delay, is_truncated),
        Travel::Reset => return Delivery::Reset,
        Travel::Silence => return Delivery::Silence,
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut response = match answered {
        Some(answered) => {
            let (head, body) = answered.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            Response::from_parts(head, body)
        }
        None => Response::builder().status(500).body(Bytes::new()).unwrap_or_default(),
    };
    if is_head {
        if !response.status().is_success() {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        *response.body_mut() = Bytes::new();
    }
    for name in ["x-amz-request-id", "x-amz-id-2"] {
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert(HeaderName::from_static(name), id);
        }
    }
    if is_truncated { Delivery::truncated(response) } else { Delivery::Whole(response) }
}

/// How an answer travels.
#[derive(Debug)]
pub(super) enum Travel {
    /// It arrives, perhaps later, perhaps not whole.
    Arrives { delay: Duration, is_truncated: bool },
    /// The connection breaks.
    Reset,
    /// It never arrives.
    Silence,
}

impl Default for Travel {
    fn default() -> Self {
        Self::Arrives { delay: Duration::ZERO, is_truncated: false }
    }
}

/// What the query string of a signed URL has beside the operation's own parameters.
const OF_SIGNATURE: [&str; 7] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// The same for a signed URL of the older kind.
const OF_OLD_SIGNATURE: [&str; 3] = ["awsaccesskeyid", "expires", "signature"];

/// The request without its signature, which nobody checks, and without what belongs to it.
fn unsigned(request: Request<Bytes>) -> Result<Request<Bytes>, Fault> {
    let (mut head, body) = request.into_parts();
    let body = unchunk(&mut head.headers, body)?;
    head.headers.remove(AUTHORIZATION);
    if let Some(query) = head.uri.query() {
        let is_old = query.split('&').any(|pair| pair.starts_with("AWSAccessKeyId="));
        let is_of_signature = |pair: &str| {
            let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
            OF_SIGNATURE.contains(&name.as_str()) || is_old && OF_OLD_SIGNATURE.contains(&name.as_str())
        };
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_of_signature(pair)).collect();
        let path = head.uri.path();
        let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
        head.uri = target.parse().map_err(|_| Fault {
            code: "InvalidURI".into(),
            message: "Couldn't parse the specified URI.".to_owned(),
            status: 400,
        })?;
    }
    Ok(Request::from_parts(head, body))
}
