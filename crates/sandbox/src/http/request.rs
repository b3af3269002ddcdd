//! From an HTTP request to the operation that it asks for, in the protocol of the service that it was signed for.

use amictl_cloud::Service;
use hyper::Request;
use hyper::body::Bytes;

use super::authorization::{Signed, service_of};
use crate::ops::{Entry, find, find_route};
use crate::wire::{Params, Protocol, decode_form, decode_json, unescape};
use crate::{Caller, Fault};

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
    let params = read_form(request).unwrap_or_default();
    match params.text("Version") {
        Some("2011-01-01") => Service::AutoScaling,
        Some("2011-06-15") => Service::Sts,
        Some("2010-03-31") => Service::Sns,
        _ => Service::Ec2,
    }
}

/// Reads a request.
pub(super) fn read(request: &Request<Bytes>, signed: Option<Signed>) -> Result<Asked, Fault> {
    let service = signed.as_ref().and_then(|signed| service_of(&signed.service));
    let protocol = service.map_or(Protocol::Ec2Query, Protocol::of);
    let (entry, params) = match protocol {
        Protocol::Ec2Query | Protocol::AwsQuery => {
            let params = read_form(request)?;
            let signed = signed.as_ref().ok_or_else(Fault::auth_failure)?;
            let action = params.text("Action").unwrap_or_default();
            let entry = service.and_then(|service| find(service, action));
            (entry.ok_or_else(|| unknown_action(action, &signed.service))?, params)
        }
        Protocol::AwsJson => {
            let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
            let action = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
            let entry = service.and_then(|service| find(service, action));
            (entry.ok_or_else(unknown_operation)?, decode_json(request.body())?)
        }
        Protocol::RestJson | Protocol::RestXml => {
            let (method, path) = (request.method().as_str(), request.uri().path());
            let found = service.and_then(|service| find_route(service, method, path));
            let (entry, labels) = found.ok_or_else(unknown_operation)?;
            let mut params = decode_json(request.body())?;
            for (label, value) in labels {
                params.set(label, &path_text(value)?);
            }
            merge_query(&mut params, request.uri().query().unwrap_or_default())?;
            (entry, params)
        }
    };
    let signed = signed.ok_or_else(Fault::auth_failure)?;
    Ok(Asked { caller: signed.caller, entry, params })
}

/// A form in the body, or the query string of a request without a body.
fn read_form(request: &Request<Bytes>) -> Result<Params, Fault> {
    match request.body() {
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

fn unknown_operation() -> Fault {
    Fault::new("UnknownOperationException", "The operation is not known to this service.")
}

#[cfg(test)]
mod tests {
    use super::*;

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
