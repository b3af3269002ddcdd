use amictl_model::{ImageId, Moment, Tags};
use compact_str::CompactString;

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeInstances` with `IncludeManagedResources`: managed instances are hidden without it.
#[derive(Debug)]
pub struct DescribeInstances;

/// One page of all instances, or of some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeInstancesRequest {
    /// `Filters[instance-id]`, at most 200: ids that are not there are simply not in the reply. Empty: all instances.
    pub instances: Vec<String>,
    /// `Filters[image-id]`, at most 200: only what was launched from these images.
    pub images: Vec<ImageId>,
    /// Whether launch times and tags are wanted.
    pub details: bool,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of instances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeInstancesReply {
    /// All instances of all reservations, terminated ones too.
    pub instances: Vec<Instance>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// An instance, as far as images are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// `InstanceId`.
    pub id: CompactString,
    /// `ImageId`, as written.
    pub image: CompactString,
    /// `State.Name`, such as `stopped`.
    pub state: CompactString,
    /// `StateReason.Message`, where there is one. Text from outside.
    pub state_reason: Option<Box<str>>,
    /// `LaunchTime`, where details were asked for.
    pub launched_at: Option<Moment>,
    /// `Tags`, where details were asked for. Attacker-controlled text.
    pub tags: Tags,
}

impl Operation for DescribeInstances {
    type Request = DescribeInstancesRequest;
    type Reply = DescribeInstancesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstances");
}

paged!(DescribeInstances);
