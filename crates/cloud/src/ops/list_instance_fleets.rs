use super::{OfClusterReply, OfClusterRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EMR `ListInstanceFleets`.
#[derive(Debug)]
pub struct ListInstanceFleets;

impl Operation for ListInstanceFleets {
    type Request = OfClusterRequest;
    type Reply = OfClusterReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Emr, "ListInstanceFleets");
}

paged!(ListInstanceFleets);
