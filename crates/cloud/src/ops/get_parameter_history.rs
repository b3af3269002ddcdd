use super::paged;
use crate::{Operation, OperationSpec, Service};

/// SSM `GetParameterHistory`: the last 100 versions of a parameter, the oldest first.
#[derive(Debug)]
pub struct GetParameterHistory;

/// The parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetParameterHistoryRequest {
    /// `Name`.
    pub name: String,
    /// `NextToken`; pages of 50.
    pub next_token: Option<String>,
}

/// A page of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetParameterHistoryReply {
    /// `Parameters`.
    pub versions: Vec<ParameterVersion>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A value that a parameter has or had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterVersion {
    /// `Version`.
    pub version: u64,
    /// `Value`.
    pub value: String,
}

impl Operation for GetParameterHistory {
    type Request = GetParameterHistoryRequest;
    type Reply = GetParameterHistoryReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "GetParameterHistory");
}

paged!(GetParameterHistory);
