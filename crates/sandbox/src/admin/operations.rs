//! `GET /operations`.

use amictl_cloud::{Effect, Service};
use serde_json::{Value, json};

use crate::ops::all;
use crate::wire::Protocol;

/// Every operation that is served, sorted by service and name.
pub(super) fn get() -> Value {
    let mut operations: Vec<(&str, &str, Value)> = all()
        .map(|entry| {
            let service = service_name(entry.spec.service);
            let mut operation = json!({
                "service": service,
                "operation": entry.spec.name,
                "mutating": entry.spec.effect == Effect::Mutating,
                "protocol": protocol_name(Protocol::of(entry.spec.service)),
            });
            if let Some(route) = entry.route {
                operation["method"] = route.method.into();
                operation["path"] = route.path.into();
            }
            (service, entry.spec.name, operation)
        })
        .collect();
    operations.sort_by_key(|(service, name, _)| (*service, *name));
    json!({"operations": operations.into_iter().map(|(_, _, operation)| operation).collect::<Vec<_>>()})
}

/// The service as it is named in signatures.
fn service_name(service: Service) -> &'static str {
    match service {
        Service::CloudControl => "cloudcontrolapi",
        other => other.iam_prefix(),
    }
}

/// The protocol as AWS's models name it.
fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Ec2Query => "ec2",
        Protocol::AwsQuery => "query",
        Protocol::AwsJson => "json",
        Protocol::RestJson => "rest-json",
        Protocol::RestXml => "rest-xml",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::service_of;

    #[test]
    fn services_have_the_names_of_their_signatures() {
        for entry in all() {
            assert_eq!(service_of(service_name(entry.spec.service)), Some(entry.spec.service));
        }
        assert!(get()["operations"].as_array().unwrap().len() > 50);
    }
}
