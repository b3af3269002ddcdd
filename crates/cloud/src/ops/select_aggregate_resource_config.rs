use super::paged;
use crate::{Operation, OperationSpec, Service};

/// AWS Config `SelectAggregateResourceConfig`.
#[derive(Debug)]
pub struct SelectAggregateResourceConfig;

/// The aggregator and the query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SelectAggregateResourceConfigRequest {
    /// `ConfigurationAggregatorName`.
    pub aggregator: String,
    /// `Expression`, at most 4,096 characters.
    pub expression: String,
    /// `NextToken`; pages of 500 where the query groups.
    pub next_token: Option<String>,
}

/// A page of results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SelectAggregateResourceConfigReply {
    /// `Results`: each a JSON object.
    pub results: Vec<String>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for SelectAggregateResourceConfig {
    type Request = SelectAggregateResourceConfigRequest;
    type Reply = SelectAggregateResourceConfigReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Config, "SelectAggregateResourceConfig");
}

paged!(SelectAggregateResourceConfig);
