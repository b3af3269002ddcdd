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
/// The same for what the caller may not do; a denied list is no [`Error::PermissionDenied`].
const DENIED: [&str; 3] = ["AccessDenied", "AllAccessDisabled", "AccountProblem"];
/// The same for a request that another Region's endpoint would have answered.
const OTHER_REGION: [&str; 4] =
    ["AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect"];

pub(crate) fn kind(error: &Error) -> BucketProblem {
    let text = error.to_string();
    let code = element(&text, "Code").unwrap_or_default();
    match error {
        _ if code == "NoSuchBucket" => BucketProblem::NoBucket,
        _ if CREDENTIALS.contains(&code) => BucketProblem::Credentials,
        _ if DENIED.contains(&code) => BucketProblem::Denied,
        _ if OTHER_REGION.contains(&code) || text.contains("incorrectly configured region") => {
            BucketProblem::OtherRegion
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> Error {
        Error::Generic { store: "S3", source: text.into() }
    }

    fn reply(code: &str) -> String {
        format!(
            "Server returned non-2xx status code: 400 Bad Request: <Error><Code>{code}</Code><Message>No.</Message></Error>"
        )
    }

    #[test]
    fn problems_are_told_apart() {
        let path = String::from("k");
        for (error, problem, told) in [
            (generic(&reply("NoSuchBucket")), BucketProblem::NoBucket, "NoSuchBucket: No."),
            (generic(&reply("AccessDenied")), BucketProblem::Denied, "AccessDenied: No."),
            (generic(&reply("ExpiredToken")), BucketProblem::Credentials, "ExpiredToken: No."),
            (
                generic(&reply("AuthorizationHeaderMalformed")),
                BucketProblem::OtherRegion,
                "AuthorizationHeaderMalformed: No.",
            ),
            (generic(&reply("SlowDown")), BucketProblem::Other, "SlowDown: No."),
            (generic("HTTP error: connection refused"), BucketProblem::Unreachable, "HTTP error: connection refused"),
            (
                Error::PermissionDenied { path: path.clone(), source: "403 Forbidden".into() },
                BucketProblem::Denied,
                "403 Forbidden",
            ),
            (
                Error::PermissionDenied { path: path.clone(), source: reply("InvalidAccessKeyId").into() },
                BucketProblem::Credentials,
                "InvalidAccessKeyId: No.",
            ),
            (
                Error::Unauthenticated { path, source: "the session has expired".into() },
                BucketProblem::Credentials,
                "the session has expired",
            ),
        ] {
            assert_eq!((kind(&error), why(&error).as_str()), (problem, told), "{error}");
        }
    }
}
