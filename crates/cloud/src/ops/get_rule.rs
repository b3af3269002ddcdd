use crate::{Operation, OperationSpec, Service};

/// Recycle Bin `GetRule`.
#[derive(Debug)]
pub struct GetRule;

/// The rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetRuleRequest {
    /// `Identifier`.
    pub id: String,
}

/// A retention rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RetentionRule {
    /// `Identifier`.
    pub id: String,
    /// `RetentionPeriod.RetentionPeriodValue`, in days, the only unit that AWS has.
    pub days: u64,
    /// `Status` is `available`; a pending rule keeps nothing yet.
    pub is_available: bool,
    /// `ResourceTags`: what it keeps has one of these; everything when there are none.
    pub tags: Vec<RuleTag>,
    /// `ExcludeResourceTags`: what has one of these is not kept.
    pub exclude_tags: Vec<RuleTag>,
    /// `LockState`: `locked`, `pending_unlock`, `unlocked`; `None` for a rule that has never been locked.
    pub lock_state: Option<String>,
}

/// A tag of a retention rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RuleTag {
    /// `ResourceTagKey`.
    pub key: String,
    /// `ResourceTagValue`; any value when there is none.
    pub value: Option<String>,
}

impl Operation for GetRule {
    type Request = GetRuleRequest;
    type Reply = RetentionRule;
    const SPEC: OperationSpec = OperationSpec::read(Service::Rbin, "GetRule");
}
