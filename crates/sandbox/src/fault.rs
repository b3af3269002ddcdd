//! An error as AWS answers it.

use std::borrow::Cow;

/// A refused or failed call: AWS's code, message and HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// The error code, such as `InvalidAMIID.NotFound`.
    pub code: Cow<'static, str>,
    /// What AWS says about it.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
}

impl Fault {
    /// A fault with the HTTP status that AWS gives this code.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let code = code.into();
        let status = status_of(&code);
        Self { code, message: message.into(), status }
    }

    /// `MissingParameter`.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {name}"))
    }

    /// `InvalidParameterValue`.
    pub(crate) fn invalid_value(name: &str, value: &str) -> Self {
        let value: String = value.chars().take(200).collect();
        Self::new("InvalidParameterValue", format!("Value ({value}) for parameter {name} is invalid."))
    }

    /// A list whose members are not numbered, or are not of the right kind.
    pub(crate) fn malformed_list(name: &str) -> Self {
        Self::new("InvalidParameterValue", format!("The members of the list {name} are malformed."))
    }

    /// `ValidationError`, as Auto Scaling answers what it refuses.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message)
    }

    /// An image that is not there, or is not to be seen.
    pub(crate) fn no_image(id: &str) -> Self {
        Self::new("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist"))
    }

    /// A snapshot that is not there.
    pub(crate) fn no_snapshot(id: &str) -> Self {
        Self::new("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist."))
    }

    /// A caller that is not known, or not here.
    pub(crate) fn auth_failure() -> Self {
        Self::new("AuthFailure", "AWS was not able to validate the provided access credentials")
    }
}

/// The HTTP status of AWS's codes; what is not listed is a client error with 400.
fn status_of(code: &str) -> u16 {
    match code {
        "AuthFailure" => 401,
        "UnauthorizedOperation"
        | "AccessDenied"
        | "OptInRequired"
        | "InvalidClientTokenId"
        | "ExpiredToken"
        | "MissingAuthenticationToken" => 403,
        "DryRunOperation" => 412,
        "RequestEntityTooLarge" => 413,
        "InternalError" | "InternalFailure" | "ResourceContention" => 500,
        "RequestLimitExceeded" | "Unavailable" | "ServiceUnavailable" => 503,
        _ => 400,
    }
}
