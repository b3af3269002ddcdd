//! Who calls what: the credential scope of Signature Version 4. Signatures are not checked.

use amictl_cloud::Service;
use amictl_model::Region;
use compact_str::CompactString;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Request, Uri};

use crate::wire::unescape;
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
    /// Reads the `Authorization` header of a request, or what a presigned URL has in its place.
    pub(super) fn of<T>(request: &Request<T>) -> Option<Self> {
        Self::of_head(request.headers(), request.uri())
    }

    /// The same of a request's head.
    pub(super) fn of_head(headers: &HeaderMap, uri: &Uri) -> Option<Self> {
        if let Some(text) = headers.get(AUTHORIZATION) {
            return Self::read(text.to_str().ok()?);
        }
        Self::presigned(uri.query()?)
    }

    /// Reads the `X-Amz-Credential` of a signed URL, or the `AWSAccessKeyId` of one of S3's older kind, which names neither a
    /// Region nor the service.
    fn presigned(query: &str) -> Option<Self> {
        let value = |wanted: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == wanted).and_then(|(_, value)| unescape(value.as_bytes()).ok())
        };
        if let Some(credential) = value("X-Amz-Credential") {
            return Self::scope(&credential);
        }
        let key = value("Signature").and(value("AWSAccessKeyId"))?;
        let region = "us-east-1".parse().ok()?;
        let caller = Caller { account: account_of_access_key(&key), region, access_key: key.into() };
        Some(Self { caller, service: "s3".into() })
    }

    /// Reads `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let credential = text.strip_prefix("AWS4-HMAC-SHA256")?.split("Credential=").nth(1)?;
        Self::scope(credential.split([',', ' ']).next()?)
    }

    /// A caller of STS without credentials.
    pub(super) fn nobody() -> Option<Self> {
        Self::scope("/0/us-east-1/sts/aws4_request")
    }

    /// Reads `<key>/<date>/<region>/<service>/aws4_request`.
    fn scope(credential: &str) -> Option<Self> {
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
pub(crate) fn service_of(name: &str) -> Option<Service> {
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
        "backup" => Some(Service::Backup),
        "elasticmapreduce" => Some(Service::Emr),
        "config" => Some(Service::Config),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_scope_names_account_region_and_service() {
        let signed = Signed::read(
            "AWS4-HMAC-SHA256 Credential=AKIA210987654321ABCD/20261121/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=00",
        )
        .unwrap();
        assert_eq!(signed.caller.account.to_string(), "210987654321");
        assert_eq!((signed.caller.region.as_str(), signed.service.as_str()), ("eu-west-1", "ec2"));
    }

    #[test]
    fn signed_urls_name_their_caller() {
        for (query, service) in [
            (
                "X-Amz-Credential=AKIA210987654321ABCD%2F20261121%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0",
                "s3",
            ),
            ("AWSAccessKeyId=210987654321&Signature=x%3D&Expires=1", "s3"),
        ] {
            let signed = Signed::presigned(query).unwrap();
            assert_eq!(
                (signed.caller.account.to_string().as_str(), signed.service.as_str()),
                ("210987654321", service)
            );
        }
        assert!(Signed::presigned("Action=DescribeImages").is_none());
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
            assert_eq!(Signed::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_presigned_url_names_them_too() {
        let signed = |uri: &str| Signed::of(&Request::get(uri).body(()).unwrap());
        let uri =
            "/?Action=GetCallerIdentity&X-Amz-Credential=123456789012%2F20261121%2Fus-east-1%2Fsts%2Faws4_request";
        assert_eq!(signed(uri).unwrap().service, "sts");
        for uri in ["/", "/?X-Amz-Credential=a", "/?X-Amz-Credential=%zz"] {
            assert_eq!(signed(uri), None, "{uri}");
        }
    }
}
