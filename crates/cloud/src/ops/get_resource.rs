use super::Resource;
use crate::{Operation, OperationSpec, Service};

/// Cloud Control `GetResource`: one resource with all its properties.
#[derive(Debug)]
pub struct GetResource;

/// The resource to get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetResourceRequest {
    /// `TypeName`.
    pub type_name: String,
    /// `Identifier`.
    pub id: String,
}

impl Operation for GetResource {
    type Request = GetResourceRequest;
    type Reply = Resource;
    const SPEC: OperationSpec = OperationSpec::read(Service::CloudControl, "GetResource");

    fn subject(request: &GetResourceRequest) -> Option<&str> {
        Some(&request.type_name)
    }
}
