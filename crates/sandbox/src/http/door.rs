//! Bytes in, bytes out: what every HTTP door does with a request, also the one without a socket.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request;
use hyper::{Request, Response, StatusCode};

use super::authorization::Signed;
use super::delivery::Delivery;
use super::request::{Asked, dialect, read};
use crate::sandbox::{Ended, Outcome};
use crate::wire::{Blob, Body, Document, fault_document, reply_document};
use crate::{Fault, Sandbox};

impl Sandbox {
    /// Answers a request of an AWS client: any service, on its own wire protocol.
    ///
    /// This is the whole sandbox without a socket: a connector under an SDK hands requests in and gives back what the
    /// [`Delivery`] says. Latency and late replies pass in tokio's time, also in a paused one; with [`Clock::tokio`]
    /// everything else that takes time does, too. A caller that gives up drops the future: the call has then had its effect
    /// or not, as it would over a network.
    ///
    /// [`Clock::tokio`]: crate::Clock::tokio
    pub async fn respond(&self, request: Request<Bytes>) -> Delivery {
        let request_id = next_request_id();
        let signed = Signed::of(&request);
        if signed.is_some() {
            self.travel().await;
        }
        let signed = match signed {
            Some(Signed { caller, service }) if service == "s3" => {
                return crate::s3::answer(self, caller, request, &request_id).await;
            }
            signed => signed,
        };
        let dialect = dialect(&request, signed.as_ref());
        let refused = |fault: &Fault| response(fault_document(dialect, &request_id, fault), &request_id);
        let Asked { caller, entry, params } = match read(&request, signed) {
            Ok(asked) => asked,
            Err(fault) => return Delivery::Whole(refused(&fault)),
        };
        let Ended { outcome, delay, is_truncated } = (entry.run)(self, &caller, &params);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let response = match outcome {
            Outcome::Reply(reply) => {
                let document = reply_document(entry.spec.service, entry.spec.name, &request_id, &reply);
                let mut response = response(document, &request_id);
                if let Body::Blob(blob) = reply {
                    fill(&mut response, blob);
                }
                response
            }
            Outcome::Fault(fault) => refused(&fault),
            Outcome::Reset => return Delivery::Reset,
            Outcome::Silence => return Delivery::Silence,
        };
        if is_truncated { Delivery::truncated(response) } else { Delivery::Whole(response) }
    }
}

/// The response to a request whose body is too large to be read.
pub(super) fn too_large(head: request::Parts, limit: usize) -> Response<Bytes> {
    let request = Request::from_parts(head, Bytes::new());
    let service = dialect(&request, Signed::of(&request).as_ref());
    let request_id = next_request_id();
    let fault = Fault::new("RequestEntityTooLarge", format!("The request is larger than {} MiB.", limit >> 20));
    response(fault_document(service, &request_id, &fault), &request_id)
}

fn response(document: Document, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(document.text));
    *response.status_mut() = StatusCode::from_u16(document.status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(document.content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    if let Some(kind) = document.error_type.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), kind);
    }
    response
}

/// Puts bytes and the members in headers into a response.
fn fill(response: &mut Response<Bytes>, blob: Blob) {
    for (name, value) in blob.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    *response.body_mut() = Bytes::from(blob.bytes);
}

/// A request id in the form of a UUID, never given twice.
fn next_request_id() -> String {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    format!("5a4d0000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff)
}
