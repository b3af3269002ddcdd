//! Bytes in, bytes out: what every HTTP door does with a request, also the one without a socket.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};

use super::authorization::Signed;
use super::request::{Asked, dialect, read};
use crate::sandbox::Outcome;
use crate::wire::{Document, fault_document, reply_document};
use crate::{Fault, Sandbox};

/// The connection is to break without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("connection reset by a fault rule")]
pub struct Reset;

impl Sandbox {
    /// Answers a request of an AWS client: any service, on its own wire protocol.
    ///
    /// # Errors
    /// [`Reset`] when a fault rule breaks the connection. Errors of AWS are responses.
    pub async fn respond(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Reset> {
        let request_id = next_request_id();
        let signed = Signed::read(request.headers());
        if signed.is_some() && !self.latency().is_zero() {
            tokio::time::sleep(self.latency()).await;
        }
        let dialect = dialect(&request, signed.as_ref());
        let refused = |fault: &Fault| Ok(response(fault_document(dialect, &request_id, fault), &request_id));
        let Asked { caller, entry, params } = match read(&request, signed) {
            Ok(asked) => asked,
            Err(fault) => return refused(&fault),
        };
        match (entry.run)(self, &caller, &params) {
            Outcome::Reply(reply) => {
                let document = reply_document(entry.spec.service, entry.spec.name, &request_id, &reply);
                Ok(response(document, &request_id))
            }
            Outcome::Fault(fault) => refused(&fault),
            Outcome::Reset => Err(Reset),
        }
    }
}

/// The response to a request that is too large to be read.
pub(super) fn too_large() -> Response<Bytes> {
    let request_id = next_request_id();
    let fault = Fault::new("RequestEntityTooLarge", "The request is larger than 2 MiB.");
    response(fault_document(amictl_cloud::Service::Ec2, &request_id, &fault), &request_id)
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

/// A request id in the form of a UUID, never given twice.
fn next_request_id() -> String {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    format!("5a4d0000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff)
}
