//! From an HTTP request to a call, and from its outcome to an HTTP response.

use amictl_cloud::Service;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};

use super::authorization::{Signed, service_of};
use crate::sandbox::Outcome;
use crate::wire::{Params, decode_form, fault_document, reply_document};
use crate::{Fault, Sandbox, ops};

/// Bytes that a request's body may have.
const BODY_BYTES_MAX: usize = 2 << 20;

/// The connection is to break without an answer.
#[derive(Debug, thiserror::Error)]
#[error("connection reset by a fault rule")]
pub(super) struct Reset;

/// Answers one request.
pub(super) async fn answer(
    sandbox: &Sandbox,
    request: Request<Incoming>,
    request_id: String,
) -> Result<Response<Full<Bytes>>, Reset> {
    let (head, body) = request.into_parts();
    let signed = Signed::read(&head.headers);
    let service = signed.as_ref().and_then(|signed| service_of(&signed.service));
    // Errors are written in the protocol of the service; of an unknown one as EC2 would.
    let dialect = service.unwrap_or(Service::Ec2);
    let query = head.uri.query().unwrap_or_default().to_owned();
    let params = match read_params(&query, body).await {
        Ok(params) => params,
        Err(fault) => return Ok(refused(dialect, &request_id, &fault)),
    };
    let Some(signed) = signed else {
        return Ok(refused(by_version(&params), &request_id, &Fault::auth_failure()));
    };
    if !sandbox.latency().is_zero() {
        tokio::time::sleep(sandbox.latency()).await;
    }
    let action = params.text("Action").unwrap_or_default();
    let entry = service.and_then(|service| ops::find(service, action));
    let Some(entry) = entry else {
        return Ok(refused(dialect, &request_id, &unknown(action, &signed.service)));
    };
    match (entry.run)(sandbox, &signed.caller, &params) {
        Outcome::Reply(reply) => {
            let document = reply_document(entry.spec.service, entry.spec.name, &request_id, reply.as_ref());
            Ok(response(StatusCode::OK, &request_id, document))
        }
        Outcome::Fault(fault) => Ok(refused(dialect, &request_id, &fault)),
        Outcome::Reset => Err(Reset),
    }
}

async fn read_params(query: &str, body: Incoming) -> Result<Params, Fault> {
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Fault::new("RequestEntityTooLarge", "The request is larger than 2 MiB."));
        }
        Err(_) => return Err(Fault::new("MalformedQueryString", "The request's body could not be read.")),
    };
    if body.is_empty() {
        return decode_form(query.as_bytes());
    }
    decode_form(&body)
}

/// The service that an unsigned request seems to be meant for.
fn by_version(params: &Params) -> Service {
    match params.text("Version") {
        Some("2011-01-01") => Service::AutoScaling,
        Some("2011-06-15") => Service::Sts,
        _ => Service::Ec2,
    }
}

fn unknown(action: &str, service: &str) -> Fault {
    if action.is_empty() {
        return Fault::new("MissingAction", "The request is missing an action or a required parameter.");
    }
    let (action, service): (String, String) = (action.chars().take(100).collect(), service.chars().take(40).collect());
    Fault::new("InvalidAction", format!("The action {action} is not valid for this web service ({service})."))
}

fn refused(service: Service, request_id: &str, fault: &Fault) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
    response(status, request_id, fault_document(service, request_id, fault))
}

fn response(status: StatusCode, request_id: &str, document: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(document)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=UTF-8"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
