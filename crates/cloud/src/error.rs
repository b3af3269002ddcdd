//! What went wrong, in the classes that decide what to do next.

use std::fmt;

/// A failed call: its class decides what amictl does, its code and message are what AWS said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CloudError {
    /// What kind of failure.
    pub class: ErrorClass,
    /// The operation's name, such as `DisableImage`.
    pub operation: &'static str,
    /// The error code of AWS, when AWS answered.
    pub code: Option<String>,
    /// The message of AWS or of the transport. Text from outside: escape it for output.
    pub message: String,
    /// `RequestId`, for AWS Support.
    pub request_id: Option<String>,
}

/// The classes of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Too many requests; it had no effect.
    Throttled,
    /// The credentials may not do this (`UnauthorizedOperation`, `AccessDenied`); it had no effect.
    Denied,
    /// There are no credentials, they are wrong, or they have expired; it had no effect.
    Credentials,
    /// The Region is not enabled for this account, or does not exist; it had no effect.
    Region,
    /// The resource does not exist.
    NotFound,
    /// The image is gone or in a state that forbids this (`InvalidAMIID.Unavailable`).
    Unavailable,
    /// The snapshot is used by an image (`InvalidSnapshot.InUse`).
    InUse,
    /// Protection, a lock, or another manager such as AWS Backup forbids it.
    Protected,
    /// The request is wrong.
    Invalid,
    /// The endpoint does not know this operation.
    Unsupported,
    /// Nothing could be sent: name not resolved, connection refused.
    Connect,
    /// Sent, and no usable answer: whether it had an effect is unknown until looked at.
    Ambiguous,
    /// AWS answered with a fault of its own (5xx): whether it had an effect is unknown until looked at.
    Server,
    /// Any other answer of AWS.
    Other,
}

impl ErrorClass {
    /// Whether the same call may succeed when it is sent again.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled | Self::Connect | Self::Ambiguous | Self::Server)
    }

    /// Whether a mutating call that ended so may have had its effect all the same.
    #[must_use]
    pub fn may_have_happened(self) -> bool {
        matches!(self, Self::Ambiguous | Self::Server)
    }

    /// The class of an error code of AWS.
    ///
    /// Codes: EC2 API Reference, "Error codes"; Auto Scaling and STS, "Common errors".
    #[must_use]
    pub fn of_code(code: &str, message: &str) -> Self {
        match code {
            "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "ConcurrentLimitExceededException"
            | "SlowDown"
            | "EC2ThrottledException" => Self::Throttled,
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "AuthorizationError" => Self::Denied,
            "AuthFailure" if message.contains("AWS Backup") => Self::Protected,
            "AuthFailure" if message.contains("validate the provided access credentials") => Self::Credentials,
            "AuthFailure" => Self::Denied,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidAccessKeyId"
            | "MissingAuthenticationToken"
            | "IncompleteSignature" => Self::Credentials,
            "OptInRequired" | "PendingVerification" | "Blocked" => Self::Region,
            "InvalidAMIID.Unavailable" => Self::Unavailable,
            "InvalidSnapshot.InUse" => Self::InUse,
            "OperationNotPermitted" | "SnapshotLocked" => Self::Protected,
            "InvalidAction"
            | "UnknownOperationException"
            | "UnsupportedOperation"
            | "UnsupportedActionException"
            | "NotImplemented" => Self::Unsupported,
            "Unavailable"
            | "ServiceUnavailable"
            | "InternalError"
            | "InternalFailure"
            | "ServerInternal"
            | "InternalServerError"
            | "InternalServerException" => Self::Server,
            _ if code.ends_with(".NotFound") || code.ends_with("NotFoundException") => Self::NotFound,
            "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" => Self::NotFound,
            "InvalidLaunchTemplateId.VersionNotFound" | "InvalidLaunchTemplateName.NotFoundException" => Self::NotFound,
            "InvalidParameterValue" if message.contains("AWS Backup") => Self::Protected,
            _ if code.starts_with("Invalid") || code.starts_with("Missing") || code == "ValidationError" => {
                Self::Invalid
            }
            _ => Self::Other,
        }
    }

    /// A few words for a person.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Denied => "access denied",
            Self::Credentials => "credentials missing, wrong or expired",
            Self::Region => "Region not enabled",
            Self::NotFound => "not found",
            Self::Unavailable => "image unavailable",
            Self::InUse => "in use",
            Self::Protected => "protected",
            Self::Invalid => "request refused as invalid",
            Self::Unsupported => "operation not supported by this endpoint",
            Self::Connect => "cannot connect",
            Self::Ambiguous => "no answer",
            Self::Server => "service fault",
            Self::Other => "failed",
        }
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.class.describe())?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fall_into_the_class_that_decides() {
        for (code, message, class) in [
            ("RequestLimitExceeded", "", ErrorClass::Throttled),
            ("UnauthorizedOperation", "", ErrorClass::Denied),
            ("AuthFailure", "Not authorized for image:ami-1", ErrorClass::Denied),
            ("AuthFailure", "AWS was not able to validate the provided access credentials", ErrorClass::Credentials),
            (
                "AuthFailure",
                "This image is managed by AWS Backup and cannot be deleted via EC2 APIs",
                ErrorClass::Protected,
            ),
            ("InvalidAMIID.NotFound", "", ErrorClass::NotFound),
            ("InvalidAMIID.Unavailable", "", ErrorClass::Unavailable),
            ("InvalidSnapshot.InUse", "", ErrorClass::InUse),
            ("InvalidAMIID.Malformed", "", ErrorClass::Invalid),
            ("InvalidAction", "", ErrorClass::Unsupported),
            ("InternalError", "", ErrorClass::Server),
            ("InternalServerException", "", ErrorClass::Server),
            ("ConcurrentLimitExceededException", "", ErrorClass::Throttled),
            ("SomethingNew", "", ErrorClass::Other),
        ] {
            assert_eq!(ErrorClass::of_code(code, message), class, "{code} {message}");
        }
    }
}
