use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Service Quotas `ListServiceQuotas`: the values that hold for the account in the Region.
#[derive(Debug)]
pub struct ListServiceQuotas;

/// One page of a service's quotas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListServiceQuotasRequest {
    /// `ServiceCode`, such as `ec2`.
    pub service_code: String,
    /// `NextToken`; pages of 100.
    pub next_token: Option<String>,
}

/// A page of quotas.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListServiceQuotasReply {
    /// `Quotas[].{QuotaName, Value}`.
    pub quotas: Vec<(String, f64)>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListServiceQuotas {
    type Request = ListServiceQuotasRequest;
    type Reply = ListServiceQuotasReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::ServiceQuotas, "ListServiceQuotas");
}

paged!(ListServiceQuotas);
