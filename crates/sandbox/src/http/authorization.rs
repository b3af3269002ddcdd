//! Who calls what: the credential scope of Signature Version 4. Signatures are not checked.

use amictl_cloud::Service;
use amictl_model::Region;
use compact_str::CompactString;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::{Caller, account_of_access_key};

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signed {
    /// The caller.
    pub(super) caller: Caller,
    /// The service's name in the credential scope.
    pub(super) service: CompactString,
}

impl Signed {
    /// Reads `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let credential = text.strip_prefix("AWS4-HMAC-SHA256")?.split("Credential=").nth(1)?;
        let credential = credential.split([',', ' ']).next()?;
        let mut parts = credential.rsplit('/');
        if parts.next()? != "aws4_request" {
            return None;
        }
        let service = parts.next()?;
        let region: Region = parts.next()?.parse().ok()?;
        let _date = parts.next()?;
        let key = parts.next()?;
        Some(Self {
            caller: Caller { account: account_of_access_key(key), region, access_key: key.into() },
            service: service.into(),
        })
    }
}

/// The service of this name in a credential scope.
pub(super) fn service_of(name: &str) -> Option<Service> {
    match name {
        "ec2" => Some(Service::Ec2),
        "autoscaling" => Some(Service::AutoScaling),
        "sts" => Some(Service::Sts),
        "ssm" => Some(Service::Ssm),
        "rbin" => Some(Service::Rbin),
        "imagebuilder" => Some(Service::ImageBuilder),
        "servicequotas" => Some(Service::ServiceQuotas),
        "organizations" => Some(Service::Organizations),
        "cloudcontrolapi" => Some(Service::CloudControl),
        "ebs" => Some(Service::Ebs),
        "s3" => Some(Service::S3),
        "sns" => Some(Service::Sns),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Signed> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, text.parse().unwrap());
        Signed::read(&headers)
    }

    #[test]
    fn the_credential_scope_names_account_region_and_service() {
        let signed = read(
            "AWS4-HMAC-SHA256 Credential=AKIA210987654321ABCD/20261121/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=00",
        )
        .unwrap();
        assert_eq!(signed.caller.account.to_string(), "210987654321");
        assert_eq!((signed.caller.region.as_str(), signed.service.as_str()), ("eu-west-1", "ec2"));
    }

    #[test]
    fn what_is_no_signature_is_none() {
        for text in [
            "",
            "Basic abc",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/e",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
