use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EMR `ListClusters` of all states but the terminated ones: `STARTING`, `BOOTSTRAPPING`, `RUNNING`, `WAITING`, `TERMINATING`.
#[derive(Debug)]
pub struct ListClusters;

/// States in which a cluster has instances or starts some (`ClusterStates`).
pub const LIVE_CLUSTER_STATES: [&str; 5] = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"];

/// A page of clusters; pages of 50.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListClustersReply {
    /// `Clusters[].Id`.
    pub ids: Vec<String>,
    /// `Marker`.
    pub next_token: Option<String>,
}

impl Operation for ListClusters {
    type Request = AllRequest;
    type Reply = ListClustersReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Emr, "ListClusters");
}

paged!(ListClusters);
