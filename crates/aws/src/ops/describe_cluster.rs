use amictl_cloud::ops::DescribeClusterReply;

use super::launchers::filled;
use crate::convert::garbled;

super::over_sdk!(
    DescribeCluster,
    |clients, request| clients.emr().describe_cluster().cluster_id(&request.cluster),
    |output| {
        let cluster = output.cluster.ok_or_else(|| garbled(OPERATION, "Cluster is missing"))?;
        let state = cluster.status.and_then(|status| status.state);
        Ok(DescribeClusterReply {
            state: state.map_or_else(String::new, |state| state.as_str().to_owned()),
            custom_image: filled(cluster.custom_ami_id),
            collection: cluster.instance_collection_type.map_or_else(String::new, |kind| kind.as_str().to_owned()),
        })
    }
);
