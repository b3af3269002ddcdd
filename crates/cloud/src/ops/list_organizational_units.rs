use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Organizations `ListOrganizationalUnitsForParent`: the OUs right below a root or an OU.
#[derive(Debug)]
pub struct ListOrganizationalUnitsForParent;

/// One page of OUs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOrganizationalUnitsForParentRequest {
    /// `ParentId`.
    pub parent: String,
    /// `NextToken`; pages of 20.
    pub next_token: Option<String>,
}

/// A page of OUs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOrganizationalUnitsForParentReply {
    /// `OrganizationalUnits[].Id`.
    pub units: Vec<String>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListOrganizationalUnitsForParent {
    type Request = ListOrganizationalUnitsForParentRequest;
    type Reply = ListOrganizationalUnitsForParentReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, "ListOrganizationalUnitsForParent");
}

paged!(ListOrganizationalUnitsForParent);
