use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Recycle Bin `ListRules`: the retention rules of the Region for one kind of resource.
#[derive(Debug)]
pub struct ListRules;

/// One page of the rules for a kind of resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRulesRequest {
    /// `ResourceType`: `EC2_IMAGE` or `EBS_SNAPSHOT`.
    pub resource_type: String,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of rules; which tags they are for is told by [`super::GetRule`] only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRulesReply {
    /// `Rules[].Identifier`.
    pub rules: Vec<String>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListRules {
    type Request = ListRulesRequest;
    type Reply = ListRulesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Rbin, "ListRules");
}

paged!(ListRules);
