//! Bytes in, bytes out, for S3.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use s3s::service::S3ServiceBuilder;

use super::address::Hosts;
use super::chunked::unchunk;
use super::service::Door;
use super::through::error_of;
use crate::http::Reset;
use crate::{Caller, Fault, Sandbox};

/// Answers a request that was signed for S3.
pub(crate) async fn answer(
    sandbox: &Sandbox,
    caller: Caller,
    request: Request<Bytes>,
    request_id: &str,
) -> Result<Response<Bytes>, Reset> {
    let is_head = request.method() == Method::HEAD;
    let was_reset = Arc::new(AtomicBool::new(false));
    let door = Door { sandbox: sandbox.clone(), caller, was_reset: Arc::clone(&was_reset) };
    let answered = match unsigned(request) {
        Ok(request) => {
            let mut service = S3ServiceBuilder::new(door);
            service.set_host(Hosts);
            service.build().call(request.map(s3s::Body::from)).await.ok()
        }
        Err(fault) => error_of(fault).to_http_response().ok(),
    };
    if was_reset.load(Ordering::Relaxed) {
        return Err(Reset);
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
    Ok(response)
}

/// The request without its signature, which nobody checks, and without what belongs to it.
fn unsigned(request: Request<Bytes>) -> Result<Request<Bytes>, Fault> {
    let (mut head, body) = request.into_parts();
    let body = unchunk(&mut head.headers, body)?;
    head.headers.remove(AUTHORIZATION);
    if let Some(query) = head.uri.query() {
        let is_of_signature = |pair: &str| {
            let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
            ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders"]
                .contains(&name.as_str())
                || name == "x-amz-signature"
                || name == "x-amz-security-token"
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
