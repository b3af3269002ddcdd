use crate::{Operation, OperationSpec, Service};

/// SSM `PutParameter` of `DataType` `aws:ec2:image` and `Type` `String`. SSM looks at the image only afterwards: one that the account does
/// not see leaves no new version.
#[derive(Debug)]
pub struct PutParameter;

/// The parameter and the image that it is to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutParameterRequest {
    /// `Name`.
    pub name: String,
    /// `Value`: the image's id.
    pub value: String,
    /// `Overwrite`.
    pub overwrite: bool,
}

impl Operation for PutParameter {
    type Request = PutParameterRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "PutParameter");
}
