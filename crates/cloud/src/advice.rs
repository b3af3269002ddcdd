//! What to do about an error of AWS.
//!
//! A journal keeps what AWS said as text, in one form (`CloudError`'s): the advice is found by it, also in journals of older versions.

use crate::ErrorClass;

/// Codes with what to do about each.
const OF_CODES: &[(&[&str], &str)] = &[
    (&["InvalidAMIName.Duplicate"], "another image of the account has this name in the Region: choose another --name"),
    (
        &[
            "InvalidAMIName.Malformed",
            "InvalidAMIID.Malformed",
            "InvalidUserID.Malformed",
            "InvalidAMIAttributeItemValue",
        ],
        "correct what was given, and run the command again",
    ),
    (
        &["InvalidAMIID.NotFound"],
        "the image is gone, in another Region, or hidden by Allowed AMIs: `amictl show AMI --region all` looks everywhere",
    ),
    (
        &["InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed"],
        "`amictl snapshots` lists the snapshots of the Region",
    ),
    (
        &["InvalidManifest"],
        "the manifest in S3 could not be read: its bucket has to be in this Region, and the account has to be allowed to read it",
    ),
    (
        &["ResourceLimitExceeded", "InstanceLimitExceeded", "VcpuLimitExceeded"],
        "a quota of the account in the Region is used up: wait until less is there, or have it raised in Service Quotas; then run the command again",
    ),
    (
        &["ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "SnapshotCreationPerVolumeRateExceeded"],
        "too many snapshots are being made: wait until some are complete, then run the command again",
    ),
    (
        &["IncorrectState", "InvalidState", "IncorrectInstanceState"],
        "it is in a state that does not allow this: `amictl show AMI` tells an image's; run the command again when it has changed",
    ),
    (&["IdempotentParameterMismatch"], "the client token was used for something else: choose another one"),
    (
        &["FilterLimitExceeded", "InvalidFilter", "InvalidNextToken", "InvalidPaginationToken"],
        "the list could not be read to its end: run the command again; an endpoint that is not AWS may not know it",
    ),
    (
        &["OptInRequired"],
        "the Region or the product is not enabled for the account: enable it, or leave the Region out with --region",
    ),
    (&["PendingVerification"], "AWS is still verifying the account: run the command again later"),
    (&["Blocked"], "AWS has blocked the account: only AWS Support can help"),
    (
        &["UnsupportedOperation"],
        "EC2 does not do this with what it is about, such as an instance-store image: `amictl show AMI` tells what it is",
    ),
];

/// What to do, by class, where the code has no advice of its own.
const OF_CLASSES: &[(ErrorClass, &str)] = &[
    (ErrorClass::Region, "the Region is not enabled for the account, or does not exist: leave it out with --region"),
    (
        ErrorClass::Denied,
        "`amictl iam-policy` prints the permissions that are needed; an SCP, or the owner of what is shared, may deny it too",
    ),
    (ErrorClass::Credentials, "the credentials are wrong or have expired: renew them"),
    (
        ErrorClass::Throttled,
        "the account's request bucket is empty: run the command again later, or with a smaller --concurrency",
    ),
    (
        ErrorClass::Unavailable,
        "the image is deregistered, disabled or not made yet: `amictl show AMI` says which, `amictl wait AMI` waits, `amictl enable AMI` enables it",
    ),
    (ErrorClass::InUse, "an image uses it, maybe a disabled one: deregister that first"),
    (
        ErrorClass::Protected,
        "it is protected, locked, or managed by another service: `amictl unprotect AMI`, the end of a lock or cooldown, or AWS Backup itself lets it go",
    ),
    (ErrorClass::NotFound, "it is gone, or in another account or Region: run the command again, which looks first"),
    (ErrorClass::Invalid, "correct what was given, and run the command again"),
    (ErrorClass::Connect, "check the Region's name, the network and --endpoint-url"),
    (ErrorClass::Server, "AWS could not answer: run the command again, which looks first what was done"),
    (ErrorClass::Ambiguous, "there was no answer: run the command again, which looks first what was done"),
    (ErrorClass::Unsupported, "the endpoint does not know this operation: it is not AWS, or too old"),
];

/// What to do about the error of AWS that stands in a sentence, if one does that somebody can do something about.
#[must_use]
pub fn advice(why: &str) -> Option<&'static str> {
    OF_CLASSES.iter().map(|(class, of_class)| (*class, Some(*of_class))).chain([(ErrorClass::Other, None)]).find_map(
        |(class, of_class)| {
            // `DisableImage: protected (OperationNotPermitted): …`
            let (_, rest) = why.split_once(&format!(": {}", class.describe()))?;
            let code = rest.strip_prefix(" (").and_then(|rest| rest.split_once(')')).map(|(code, _)| code);
            let of_code = code.and_then(|code| OF_CODES.iter().find(|(codes, _)| codes.contains(&code)));
            of_code.map(|(_, what)| *what).or(of_class)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CloudError;

    fn said(code: Option<&str>, message: &str, class: Option<ErrorClass>) -> String {
        let class = class.unwrap_or_else(|| ErrorClass::of_code(code.unwrap_or_default(), message));
        let code = code.map(str::to_owned);
        CloudError { class, operation: "CopyImage", code, message: message.to_owned(), request_id: None }.to_string()
    }

    #[test]
    fn each_code_that_calls_meet_has_an_advice() {
        for (code, message, part) in [
            ("UnauthorizedOperation", "", "iam-policy"),
            ("AuthFailure", "Not authorized for image:ami-1", "iam-policy"),
            ("AuthFailure", "This image is managed by AWS Backup and cannot be deleted via EC2 APIs", "AWS Backup"),
            ("InvalidAMIID.NotFound", "", "--region all"),
            ("InvalidAMIID.Unavailable", "", "amictl wait AMI"),
            ("InvalidAMIID.Malformed", "", "correct"),
            ("InvalidAMIName.Duplicate", "", "--name"),
            ("InvalidSnapshot.InUse", "", "deregister that first"),
            ("InvalidSnapshot.NotFound", "", "amictl snapshots"),
            ("InvalidParameterValue", "snap-1 is managed by AWS Backup", "AWS Backup"),
            ("InvalidParameterValue", "", "correct"),
            ("OperationNotPermitted", "", "amictl unprotect AMI"),
            ("InvalidManifest", "", "bucket"),
            ("ResourceLimitExceeded", "", "Service Quotas"),
            ("PendingSnapshotLimitExceeded", "", "snapshots"),
            ("IncorrectState", "", "state"),
            ("IdempotentParameterMismatch", "", "client token"),
            ("InvalidNextToken", "", "to its end"),
            ("OptInRequired", "", "enable"),
            ("PendingVerification", "", "verifying"),
            ("Blocked", "", "AWS Support"),
            ("RequestExpired", "", "renew"),
            ("UnsupportedOperation", "", "instance-store"),
            ("RequestLimitExceeded", "", "--concurrency"),
            ("InternalError", "", "looks first"),
        ] {
            let found = advice(&format!("snap-1: {}", said(Some(code), message, None)));
            assert!(found.is_some_and(|found| found.contains(part)), "{code}: {found:?}");
        }
        assert_eq!(advice(&said(Some("SomethingNew"), "who knows", None)), None);
        assert_eq!(advice("changed since the plan: tags"), None);
        assert!(advice(&said(None, "broken pipe", Some(ErrorClass::Ambiguous))).is_some());
    }
}
