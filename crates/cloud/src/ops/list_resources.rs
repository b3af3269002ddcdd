use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Cloud Control `ListResources`: all resources of a type.
#[derive(Debug)]
pub struct ListResources;

/// One page of a type's resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListResourcesRequest {
    /// `TypeName`, such as `AWS::Batch::ComputeEnvironment`.
    pub type_name: String,
    /// `ResourceModel`: a JSON object with what the type's listing needs, such as `{"ClusterName": "c"}`.
    pub model: Option<String>,
    /// `NextToken`; pages of 100.
    pub next_token: Option<String>,
}

/// A page of resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListResourcesReply {
    /// `ResourceDescriptions`.
    pub resources: Vec<Resource>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A resource of any type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resource {
    /// `Identifier`.
    pub id: String,
    /// `Properties`, a JSON object; a listing may leave out most of them.
    pub properties: String,
}

impl Operation for ListResources {
    type Request = ListResourcesRequest;
    type Reply = ListResourcesReply;
    // Cloud Control reads with the caller's own permissions for the type's service; each source names those.
    const SPEC: OperationSpec = OperationSpec::read(Service::CloudControl, "ListResources");

    fn subject(request: &ListResourcesRequest) -> Option<&str> {
        Some(&request.type_name)
    }
}

paged!(ListResources);
