//! Answers of the admin endpoint: JSON, also for errors.

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

pub(super) type AnyBody = UnsyncBoxBody<Bytes, std::io::Error>;

/// An error with its HTTP status, told as `{"error": "…"}`.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// What was sent cannot be used.
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives is an error of its own")]
    pub(super) fn bad(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message.to_string())
    }

    pub(super) fn response(self) -> Response<AnyBody> {
        json(self.status, &serde_json::json!({"error": self.message}))
    }
}

/// An answer of JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<AnyBody> {
    let text = serde_json::to_string(value)
        .unwrap_or_else(|error| serde_json::json!({"error": error.to_string()}).to_string());
    whole(status, text + "\n")
}

fn whole(status: StatusCode, text: String) -> Response<AnyBody> {
    streamed(status, Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync())
}

/// An answer of JSON whose text comes bit by bit.
pub(super) fn streamed(status: StatusCode, body: AnyBody) -> Response<AnyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
