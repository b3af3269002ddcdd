use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EMR `ListInstanceGroups`.
#[derive(Debug)]
pub struct ListInstanceGroups;

/// One page of a cluster's instance groups or instance fleets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfClusterRequest {
    /// `ClusterId`.
    pub cluster: String,
    /// `Marker`.
    pub next_token: Option<String>,
}

/// A page of a cluster's instance groups or instance fleets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfClusterReply {
    /// `CustomAmiId` of each group, or of each instance type of each fleet, where there is one.
    pub custom_images: Vec<String>,
    /// `Marker`.
    pub next_token: Option<String>,
}

impl Operation for ListInstanceGroups {
    type Request = OfClusterRequest;
    type Reply = OfClusterReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Emr, "ListInstanceGroups");
}

paged!(ListInstanceGroups);
