//! How a call goes wrong.

use serde::{Deserialize, Serialize};

/// How a call goes wrong. Errors have the code, the HTTP status and the form of the service that is called.
///
/// All but [`Truncate`](Self::Truncate), a [`Stall`](Self::Stall) that ends, and the two of page tokens come before or after
/// the call has had its effect, as the rule's phase says; those four are about calls that are answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Any error of AWS.
    Error {
        /// The code, such as `UnauthorizedOperation`.
        code: String,
        /// The HTTP status.
        status: u16,
        /// The message.
        message: String,
    },
    /// `RequestLimitExceeded` (EC2), `Throttling` and their like.
    Throttle,
    /// `InternalError` and its like, with HTTP status 500.
    ServerError,
    /// `Unavailable` and its like, with HTTP status 503.
    Unavailable,
    /// `UnauthorizedOperation` (EC2), `AccessDenied` and their like.
    AccessDenied,
    /// `RequestExpired` (EC2), `ExpiredToken` and their like: temporary credentials that are over.
    ExpiredCredentials,
    /// The connection breaks without an answer.
    Reset,
    /// The answer is late, or never comes.
    Stall(Stall),
    /// The connection breaks in the middle of the reply's body, whose announced length is that of the whole.
    Truncate,
    /// The reply carries the same page token every time, so that the list never ends.
    RepeatedToken,
    /// The page token of the request is over. Calls without a token are none of this rule's.
    ExpiredPageToken,
}

/// For how long an answer does not come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    /// Milliseconds of tokio's time; without them the answer never comes, and the connection stays open until the client
    /// gives up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
}
