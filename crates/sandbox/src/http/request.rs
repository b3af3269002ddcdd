//! From an HTTP request to the operation that it asks for, in the protocol of the service that it was signed for.

use amictl_cloud::Service;
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};

use super::authorization::{Signed, service_of};
use crate::ops::{Entry, find, find_route};
use crate::wire::{Params, Protocol, decode_form, decode_json, unescape, validation_code};
use crate::{Caller, Fault, dialect};

/// A request as it was understood.
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) entry: &'static Entry,
    pub(super) params: Params,
}

/// The service in whose protocol errors are written: the one that the request was signed for, else the one it seems to be
/// meant for, else EC2.
pub(super) fn dialect(request: &Request<Bytes>, signed: Option<&Signed>) -> Service {
    if let Some(signed) = signed {
        return service_of(&signed.service).unwrap_or(Service::Ec2);
    }
    let target = target(request).and_then(|target| target.split('.').next());
    let by_target = TARGETS.iter().find(|(_, prefix)| target == Some(*prefix));
    if let Some((service, _)) = by_target {
        return *service;
    }
    let has_json = request.headers().contains_key(CONTENT_TYPE) && has_type(request, "application/json");
    if has_json {
        // All JSON services without a target write their errors alike.
        return Service::Rbin;
    }
    let (method, path) = (request.method().as_str(), request.uri().path());
    let by_path = BY_PATH.into_iter().find(|service| find_route(*service, method, path).is_some());
    if let Some(service) = by_path {
        return service;
    }
    let params = read_form(request).unwrap_or_default();
    let version = params.text("Version");
    VERSIONS.iter().find(|(_, known)| version == Some(*known)).map_or(Service::Ec2, |(service, _)| *service)
}

/// The services whose operations a path tells.
const BY_PATH: [Service; 4] = [Service::Rbin, Service::Ebs, Service::ImageBuilder, Service::Backup];

/// The prefixes by which JSON services call their operations.
const TARGETS: [(Service, &str); 6] = [
    (Service::Ssm, "AmazonSSM"),
    (Service::Organizations, "AWSOrganizationsV20161128"),
    (Service::ServiceQuotas, "ServiceQuotasV20190624"),
    (Service::CloudControl, "CloudApiService"),
    (Service::Emr, "ElasticMapReduce"),
    (Service::Config, "StarlingDoveService"),
];

/// The versions of the query services' APIs.
const VERSIONS: [(Service, &str); 4] = [
    (Service::Ec2, "2016-11-15"),
    (Service::AutoScaling, "2011-01-01"),
    (Service::Sts, "2011-06-15"),
    (Service::Sns, "2010-03-31"),
];

fn target(request: &Request<Bytes>) -> Option<&str> {
    request.headers().get("x-amz-target")?.to_str().ok()
}

/// Reads a request.
pub(super) fn read(request: &Request<Bytes>, signed: Option<Signed>) -> Result<Asked, Fault> {
    let signed = signed.or_else(|| unsigned_caller(request));
    let service = signed.as_ref().and_then(|signed| service_of(&signed.service));
    let unsigned = || dialect::missing_authentication(self::dialect(request, None));
    if signed.is_none() && Protocol::of(self::dialect(request, None)) == Protocol::RestJson {
        return Err(unsigned());
    }
    match service.map_or(Protocol::Ec2Query, Protocol::of) {
        Protocol::Ec2Query | Protocol::AwsQuery => {
            if !matches!(*request.method(), Method::GET | Method::POST | Method::HEAD) {
                return Err(method_not_allowed(request.method()));
            }
            let params = read_form(request)?;
            let action = params.text("Action").unwrap_or_default();
            let signed = signed.ok_or_else(unsigned)?;
            let entry = service.and_then(|service| find(service, action));
            let entry = entry.ok_or_else(|| unknown_action(action, &signed.service))?;
            check_version(entry.spec.service, &params)?;
            Ok(Asked { caller: signed.caller, entry, params })
        }
        Protocol::AwsJson => {
            let signed = signed.ok_or_else(unsigned)?;
            let action = target(request).and_then(|target| target.rsplit('.').next()).unwrap_or_default();
            let is_meant = request.method() == Method::POST && has_type(request, "application/x-amz-json-");
            let entry = service.filter(|_| is_meant).and_then(|service| find(service, action));
            let entry = entry.ok_or_else(|| unknown_operation(400))?;
            Ok(Asked { caller: signed.caller, entry, params: decode_json(request.body())? })
        }
        Protocol::RestJson | Protocol::RestXml => {
            let signed = signed.ok_or_else(unsigned)?;
            let (method, path) = (request.method().as_str(), request.uri().path());
            let found = service.and_then(|service| find_route(service, method, path));
            let (entry, labels) = found.ok_or_else(|| unknown_operation(404))?;
            if !request.body().is_empty() && !has_type(request, "application/") {
                let message = "The content type of the request's body is not supported.";
                return Err(Fault {
                    code: "UnsupportedMediaTypeException".into(),
                    message: message.to_owned(),
                    status: 415,
                });
            }
            let mut params = read_members(entry, request)?;
            lay_over(&mut params, labels, request.uri().query().unwrap_or_default()).map_err(|fault| {
                let code = validation_code(entry.spec.service, false);
                Fault::new(code, fault.message)
            })?;
            Ok(Asked { caller: signed.caller, entry, params })
        }
    }
}

/// Who sends a request that nobody signs: one that asks for credentials with a token of somebody else's.
fn unsigned_caller(request: &Request<Bytes>) -> Option<Signed> {
    let params = read_form(request).ok()?;
    let action = params.text("Action")?;
    let is_unsigned = matches!(action, "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity");
    (is_unsigned && params.text("Version") == Some("2011-06-15")).then(Signed::nobody)?
}

/// Whether the request's content type begins like this, if it has one.
fn has_type(request: &Request<Bytes>, beginning: &str) -> bool {
    let Some(found) = request.headers().get(CONTENT_TYPE) else { return true };
    let found = found.to_str().ok().and_then(|found| found.get(..beginning.len()));
    found.is_some_and(|found| found.eq_ignore_ascii_case(beginning))
}

/// EC2 still takes its older versions; the others have one.
fn check_version(service: Service, params: &Params) -> Result<(), Fault> {
    let Some(version) = params.text("Version") else { return Ok(()) };
    let known = VERSIONS.iter().find(|(known, _)| *known == service).map(|(_, version)| *version);
    let is_date = version.len() == 10 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match known {
        Some(known) if version == known => Ok(()),
        Some(known) if service == Service::Ec2 && is_date && version < known => Ok(()),
        _ => {
            let version: String = version.chars().take(40).collect();
            Err(Fault::new("NoSuchVersion", format!("The requested version ({version}) of the service does not exist")))
        }
    }
}

/// Lays the labels of a path and a query string over the members of a body.
fn lay_over(params: &mut Params, labels: Vec<(&'static str, &str)>, query: &str) -> Result<(), Fault> {
    for (label, value) in labels {
        params.set(label, &path_text(value)?);
    }
    merge_query(params, query)
}

/// The members of a REST request that stand in its body and its headers.
fn read_members(entry: &Entry, request: &Request<Bytes>) -> Result<Params, Fault> {
    let mut params = match entry.payload {
        None => decode_json(request.body())?,
        Some(member) => {
            let mut params = Params::default();
            params.set_bytes(member, request.body());
            params
        }
    };
    for name in entry.headers {
        if let Some(value) = request.headers().get(*name) {
            let value = value.to_str().map_err(|_| Fault::invalid_value(name, "not a text"))?;
            params.set(name, value);
        }
    }
    Ok(params)
}

/// A form in the body, or the query string of a request without a body.
fn read_form(request: &Request<Bytes>) -> Result<Params, Fault> {
    match request.body() {
        body if !body.is_empty() && !has_type(request, "application/x-www-form-urlencoded") => Ok(Params::default()),
        body if body.is_empty() => decode_form(request.uri().query().unwrap_or_default().as_bytes()),
        body => decode_form(body),
    }
}

/// A part of a path without its percent-encoding; a `+` stands for itself there.
fn path_text(part: &str) -> Result<String, Fault> {
    unescape(part.replace('+', "%2B").as_bytes())
}

/// Lays a query string over parameters; a name that comes more than once is a list.
fn merge_query(params: &mut Params, query: &str) -> Result<(), Fault> {
    let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (unescape(name.as_bytes())?, unescape(value.as_bytes())?);
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => pairs.push((name, vec![value])),
        }
    }
    for (name, values) in pairs {
        params.set_all(&name, &values);
    }
    Ok(())
}

fn unknown_action(action: &str, service: &str) -> Fault {
    if action.is_empty() {
        return Fault::new("MissingAction", "The request is missing an action or a required parameter.");
    }
    let (action, service): (String, String) = (action.chars().take(100).collect(), service.chars().take(40).collect());
    Fault::new("InvalidAction", format!("The action {action} is not valid for this web service ({service})."))
}

fn unknown_operation(status: u16) -> Fault {
    let message = "The operation is not known to this service.".to_owned();
    Fault { code: "UnknownOperationException".into(), message, status }
}

fn method_not_allowed(method: &Method) -> Fault {
    let method: String = method.as_str().chars().take(40).collect();
    let message = format!("The method {method} is not allowed against this resource.");
    Fault { code: "MethodNotAllowed".into(), message, status: 405 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_the_service_of_a_request_that_nobody_signed() {
        for (method, path, code) in [
            (Method::GET, "/rules/0123456789a", "MissingAuthenticationTokenException"),
            (Method::PUT, "/CreateImage", "MissingAuthenticationTokenException"),
            (Method::GET, "/snapshots/snap-12345678/blocks", "MissingAuthenticationTokenException"),
            (Method::GET, "/?Action=DescribeImages", "AuthFailure"),
        ] {
            let request = Request::builder().method(method).uri(path).body(Bytes::new()).unwrap();
            let Err(fault) = read(&request, None) else { panic!("{path} is answered") };
            assert_eq!(fault.code, code, "{path}");
        }
    }

    #[test]
    fn a_query_name_that_comes_twice_is_a_list() {
        let mut params = decode_json(br#"{"Body": "kept"}"#).unwrap();
        merge_query(&mut params, "a=1&tagKeys=x&tagKeys=y%2B+z&Bare").unwrap();
        assert_eq!((params.text("a"), params.text("Body"), params.text("Bare")), (Some("1"), Some("kept"), Some("")));
        assert_eq!(params.texts("tagKeys").unwrap(), ["x", "y+ z"]);
        // A list of one.
        merge_query(&mut params, "one=1").unwrap();
        assert_eq!(params.texts("one").unwrap(), ["1"]);
        assert_eq!(path_text("a+b%2Fc").unwrap(), "a+b/c");
    }
}
