//! AWS's documented request token buckets: per account, per Region, per API.
//!
//! Source: EC2 API Reference, "Request throttling"; the real values of an account stand in Service Quotas.

use crate::{Effect, Service};

/// A token bucket: so many requests at once, then so many a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Requests that a full bucket allows at once.
    pub capacity: f64,
    /// Requests a second that flow back.
    pub refill_per_second: f64,
}

impl Bucket {
    const fn new(capacity: f64, refill_per_second: f64) -> Self {
        Self { capacity, refill_per_second }
    }
}

/// The bucket that AWS documents for this API; for services that document none, a cautious one.
#[must_use]
pub fn documented_bucket(service: Service, api: &str, effect: Effect) -> Bucket {
    match service {
        Service::Ec2 => ec2_bucket(api, effect),
        Service::Ebs => ebs_bucket(api),
        // IAM User Guide, "IAM and STS quotas": 600 requests a second, of an account in a Region.
        Service::Sts => Bucket::new(600.0, 600.0),
        // By prefix of keys, not by API; nobody gets near it here.
        Service::S3 => match effect {
            Effect::Read => Bucket::new(5500.0, 5500.0),
            Effect::Mutating => Bucket::new(3500.0, 3500.0),
        },
        _ => match effect {
            Effect::Read => Bucket::new(50.0, 10.0),
            Effect::Mutating => Bucket::new(20.0, 5.0),
        },
    }
}

/// Of the EBS direct APIs no bucket is documented, but requests a second. Amazon EBS User Guide, "Quotas for Amazon EBS": of an account in a
/// Region; of one snapshot it is the same.
fn ebs_bucket(api: &str) -> Bucket {
    match api {
        "PutSnapshotBlock" | "GetSnapshotBlock" => Bucket::new(1000.0, 1000.0),
        "StartSnapshot" | "CompleteSnapshot" => Bucket::new(10.0, 10.0),
        _ => Bucket::new(50.0, 50.0),
    }
}

fn ec2_bucket(api: &str, effect: Effect) -> Bucket {
    match api {
        "DeregisterImage"
        | "DeleteSnapshot"
        | "CreateSnapshot"
        | "CreateSnapshots"
        | "ModifyImageAttribute"
        | "ModifySnapshotAttribute"
        | "CreateLaunchTemplateVersion"
        | "ModifyLaunchTemplate"
        | "TerminateInstances"
        | "CreateVolume"
        | "DeleteVolume" => Bucket::new(100.0, 5.0),
        "CopyImage" => Bucket::new(100.0, 1.0),
        "CreateTags" | "DeleteTags" => Bucket::new(100.0, 10.0),
        "CreateStoreImageTask" | "CreateRestoreImageTask" => Bucket::new(50.0, 0.1),
        "DescribeStoreImageTasks" => Bucket::new(50.0, 0.5),
        "DescribeSpotFleetRequests" => Bucket::new(50.0, 3.0),
        "RunInstances" | "StartInstances" => Bucket::new(5.0, 2.0),
        _ => match effect {
            Effect::Read => Bucket::new(100.0, 20.0),
            Effect::Mutating => Bucket::new(50.0, 5.0),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_its_own_bucket_or_that_of_its_category() {
        let bucket = |api, effect| documented_bucket(Service::Ec2, api, effect);
        assert_eq!(bucket("DeregisterImage", Effect::Mutating), Bucket::new(100.0, 5.0));
        assert_eq!(bucket("DisableImage", Effect::Mutating), Bucket::new(50.0, 5.0));
        assert_eq!(bucket("DescribeImages", Effect::Read), Bucket::new(100.0, 20.0));
        assert_eq!(bucket("CopyImage", Effect::Mutating), Bucket::new(100.0, 1.0));
    }
}
