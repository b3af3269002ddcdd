//! The quotas that there are, with AWS's default values.

use std::sync::LazyLock;

use amictl_cloud::{Bucket, OperationSpec, Service, documented_bucket};
use compact_str::CompactString;

use crate::ops::all;
use crate::world::Scope;

/// A quota as AWS sets it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quota {
    pub(super) service: &'static str,
    pub(super) code: CompactString,
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) is_adjustable: bool,
}

/// The services that have quotas here: their codes and names.
pub(super) const SERVICES: [(&str, &str); 2] =
    [("ebs", "Amazon Elastic Block Store (Amazon EBS)"), ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)")];

/// Quotas whose codes are known.
const KNOWN: [(&str, &str, &str, f64); 6] = [
    ("ec2", "L-B665C33B", "AMIs", 50_000.0),
    ("ec2", "L-0E3CBAB9", "Public AMIs", 5.0),
    ("ec2", "L-70015FFA", "AMI sharing", 1_000.0),
    ("ec2", "L-FB451C26", "Launch templates", 5_000.0),
    ("ec2", "L-142B4294", "Launch template versions", 10_000.0),
    ("ebs", "L-309BACF6", "Snapshots per Region", 100_000.0),
];

/// The operations that have buckets of their own for requests without filters and pages.
const UNFILTERED: [&str; 4] =
    ["DescribeInstances", "DescribeSnapshots", "DescribeSpotInstanceRequests", "DescribeVolumes"];

fn capacity_name(api: &str) -> String {
    format!("{api} request bucket maximum capacity")
}

fn refill_name(api: &str) -> String {
    format!("{api} request bucket refill rate")
}

/// The code of a quota by its name. Those of AWS cannot be computed; where they are not known, one is made of the name.
fn code_of(name: &str) -> CompactString {
    match name {
        "RunInstances request bucket maximum capacity" => "L-8EEB235C".into(),
        "RunInstances request bucket refill rate" => "L-A2D70E6C".into(),
        _ => {
            let hash =
                name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
            compact_str::format_compact!("L-{hash:08X}")
        }
    }
}

/// All quotas in the order of their codes.
pub(super) fn all_quotas() -> &'static [Quota] {
    static QUOTAS: LazyLock<Vec<Quota>> = LazyLock::new(|| {
        let known = KNOWN.iter().map(|(service, code, name, value)| Quota {
            service,
            code: (*code).into(),
            name: (*name).to_owned(),
            value: *value,
            is_adjustable: true,
        });
        let mut quotas: Vec<Quota> = known.collect();
        for entry in all().filter(|entry| entry.spec.service == Service::Ec2) {
            let bucket = documented_bucket(Service::Ec2, entry.spec.name, entry.spec.effect);
            push_bucket(&mut quotas, entry.spec.name, bucket);
            if UNFILTERED.contains(&entry.spec.name) {
                push_bucket(&mut quotas, &format!("{} unfiltered", entry.spec.name), UNFILTERED_BUCKET);
            }
        }
        quotas.sort_by(|one, other| one.code.cmp(&other.code));
        quotas
    });
    &QUOTAS
}

const UNFILTERED_BUCKET: Bucket = Bucket { capacity: 50.0, refill_per_second: 10.0 };

fn push_bucket(quotas: &mut Vec<Quota>, api: &str, bucket: Bucket) {
    for (name, value) in [(capacity_name(api), bucket.capacity), (refill_name(api), bucket.refill_per_second)] {
        quotas.push(Quota { service: "ec2", code: code_of(&name), name, value, is_adjustable: false });
    }
}

/// The token bucket of an operation: AWS's, with the values that the account's quotas override.
pub(crate) fn bucket(scope: Option<&Scope>, spec: &OperationSpec, is_unbounded: bool) -> Bucket {
    let documented =
        if is_unbounded { UNFILTERED_BUCKET } else { documented_bucket(spec.service, spec.name, spec.effect) };
    let quotas = scope.map(|scope| &scope.quotas).filter(|quotas| !quotas.is_empty() && spec.service == Service::Ec2);
    let Some(quotas) = quotas else { return documented };
    let name = if is_unbounded { format!("{} unfiltered", spec.name) } else { spec.name.to_owned() };
    let value = |name: String, default: f64| quotas.get(&code_of(&name)).copied().unwrap_or(default);
    Bucket {
        capacity: value(capacity_name(&name), documented.capacity),
        refill_per_second: value(refill_name(&name), documented.refill_per_second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_a_bucket_follows_its_quotas() {
        let quotas = all_quotas();
        assert!(quotas.windows(2).all(|pair| pair[0].code < pair[1].code));
        let spec = OperationSpec::mutating(Service::Ec2, "RunInstances");
        let mut scope = Scope::default();
        assert_eq!(bucket(Some(&scope), &spec, false), Bucket { capacity: 5.0, refill_per_second: 2.0 });
        scope.set_quota("L-8EEB235C", 9.0);
        assert_eq!(bucket(Some(&scope), &spec, false), Bucket { capacity: 9.0, refill_per_second: 2.0 });
    }
}
