//! What went wrong in a bucket, in words for people.

use object_store::Error;

/// What kind of problem a bucket has, by which it can be told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketProblem {
    /// There is no such bucket.
    NoBucket,
    /// The credentials may not do this.
    Denied,
    /// The credentials are wrong or have expired.
    Credentials,
    /// The bucket is in another Region than it was asked for in.
    OtherRegion,
    /// There is no answer.
    Unreachable,
    /// Anything else.
    Other,
}

/// S3 API Reference, Error responses: codes that are about the caller's keys rather than about permissions.
const CREDENTIALS: [&str; 8] = [
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "NotSignedUp",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "InvalidSecurity",
];
/// The same for a request that another Region's endpoint would have answered.
const OTHER_REGION: [&str; 4] =
    ["AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect"];

pub(crate) fn kind(error: &Error) -> BucketProblem {
    let text = error.to_string();
    let code = element(&text, "Code").unwrap_or_default();
    if CREDENTIALS.contains(&code) {
        return BucketProblem::Credentials;
    }
    if OTHER_REGION.contains(&code) || text.contains("incorrectly configured region") || text.contains("code: 301") {
        return BucketProblem::OtherRegion;
    }
    match error {
        Error::NotFound { .. } if code == "NoSuchBucket" => BucketProblem::NoBucket,
        Error::PermissionDenied { .. } => BucketProblem::Denied,
        Error::Unauthenticated { .. } => BucketProblem::Credentials,
        _ if text.contains("HTTP error") => BucketProblem::Unreachable,
        _ => BucketProblem::Other,
    }
}

/// Code and message of S3's reply, or the innermost reason.
pub(crate) fn why(error: &Error) -> String {
    let text = error.to_string();
    if let (Some(code), Some(message)) = (element(&text, "Code"), element(&text, "Message")) {
        return format!("{code}: {message}");
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The text of an XML element, as far as errors of S3 need it read.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(content, _)| content)
}
