use amictl_model::AccountId;

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Organizations `ListAccounts`, or `ListAccountsForParent` where a parent is given.
#[derive(Debug)]
pub struct ListAccounts;

/// One page of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAccountsRequest {
    /// `ParentId`: a root or an OU whose own accounts are meant, those of its OUs not.
    pub parent: Option<String>,
    /// `NextToken`; pages of 20.
    pub next_token: Option<String>,
}

/// A page of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAccountsReply {
    /// `Accounts`.
    pub accounts: Vec<OrganizationAccount>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// An account of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationAccount {
    /// `Id`.
    pub id: AccountId,
    /// `Name`.
    pub name: String,
    /// Whether its `State` (before: `Status`) is ACTIVE: others cannot be worked in.
    pub is_active: bool,
}

impl Operation for ListAccounts {
    type Request = ListAccountsRequest;
    type Reply = ListAccountsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, "ListAccounts")
        .also_needs(&["organizations:ListAccountsForParent"]);
}

paged!(ListAccounts);
