use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// SSM `DescribeParameters` of the types `String` and `StringList`; secure strings hold no image ids that anything launches from.
#[derive(Debug)]
pub struct DescribeParameters;

/// A page of parameters; pages of 50.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeParametersReply {
    /// `Parameters[].Name`.
    pub names: Vec<String>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeParameters {
    type Request = AllRequest;
    type Reply = DescribeParametersReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "DescribeParameters");
}

paged!(DescribeParameters);
