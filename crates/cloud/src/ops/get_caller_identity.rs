use amictl_model::AccountId;

use crate::{Operation, OperationSpec, Service};

/// STS `GetCallerIdentity`: whose credentials these are. Needs no permission.
#[derive(Debug)]
pub struct GetCallerIdentity;

/// No parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetCallerIdentityRequest {}

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// `Account`.
    pub account: AccountId,
    /// `Arn`.
    pub arn: String,
}

impl Operation for GetCallerIdentity {
    type Request = GetCallerIdentityRequest;
    type Reply = CallerIdentity;
    const SPEC: OperationSpec = OperationSpec::read(Service::Sts, "GetCallerIdentity");
}
