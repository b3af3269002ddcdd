use crate::{Operation, OperationSpec, Service};

/// SSM `GetParameters`.
#[derive(Debug)]
pub struct GetParameters;

/// The parameters to get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetParametersRequest {
    /// `Names`, up to 10; each may end in `:version` or `:label`.
    pub names: Vec<String>,
}

/// What was got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetParametersReply {
    /// `Parameters`.
    pub parameters: Vec<Parameter>,
    /// `InvalidParameters`: those that are not there.
    pub invalid: Vec<String>,
}

/// A parameter's newest version, or the one that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameter {
    /// `Name`.
    pub name: String,
    /// `Value`.
    pub value: String,
    /// `Version`.
    pub version: u64,
    /// `Selector`: the `:version` or `:label` that was asked for; empty without one.
    pub selector: String,
    /// `DataType`, such as `aws:ec2:image`.
    pub data_type: String,
}

impl Operation for GetParameters {
    type Request = GetParametersRequest;
    type Reply = GetParametersReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "GetParameters");
}
