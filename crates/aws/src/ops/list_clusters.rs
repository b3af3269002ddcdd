use amictl_cloud::ops::{LIVE_CLUSTER_STATES, ListClustersReply};
use aws_sdk_emr::types::ClusterState;

super::over_sdk!(
    ListClusters,
    |clients, request| clients
        .emr()
        .list_clusters()
        .set_cluster_states(Some(LIVE_CLUSTER_STATES.map(ClusterState::from).into()))
        .set_marker(request.next_token.clone()),
    |output| Ok(ListClustersReply {
        ids: output.clusters.unwrap_or_default().into_iter().filter_map(|cluster| cluster.id).collect(),
        next_token: output.marker,
    })
);
