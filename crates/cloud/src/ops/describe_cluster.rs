use crate::{Operation, OperationSpec, Service};

/// EMR `DescribeCluster`.
#[derive(Debug)]
pub struct DescribeCluster;

/// The cluster to describe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeClusterRequest {
    /// `ClusterId`.
    pub cluster: String,
}

/// A cluster, as far as images are concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeClusterReply {
    /// `Status.State`, such as `WAITING`.
    pub state: String,
    /// `CustomAmiId`, of which all instances are started that have no image of their own.
    pub custom_image: Option<String>,
    /// `InstanceCollectionType`: `INSTANCE_GROUP` or `INSTANCE_FLEET`.
    pub collection: String,
}

impl Operation for DescribeCluster {
    type Request = DescribeClusterRequest;
    type Reply = DescribeClusterReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Emr, "DescribeCluster");
}
