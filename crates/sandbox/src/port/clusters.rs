//! The port's operations on EMR clusters.

use amictl_cloud::ops::{
    AllRequest, DescribeCluster, DescribeClusterReply, DescribeClusterRequest, LIVE_CLUSTER_STATES, ListClusters,
    ListClustersReply, ListInstanceFleets, ListInstanceGroups, OfClusterReply, OfClusterRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, said, text};

impl Call<ListClusters> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: AllRequest,
    ) -> BoxFuture<'a, Result<ListClustersReply, CloudError>> {
        async move {
            let members = json!({ "ClusterStates": LIVE_CLUSTER_STATES, "Marker": request.next_token });
            let reply = self.ask::<ListClusters>(region, members).await?;
            let ids = items(&reply, "Clusters").iter().map(|cluster| said(cluster, "Id")).collect();
            Ok(ListClustersReply { ids, next_token: text(&reply, "Marker") })
        }
        .boxed()
    }
}

impl Call<DescribeCluster> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeClusterRequest,
    ) -> BoxFuture<'a, Result<DescribeClusterReply, CloudError>> {
        async move {
            let reply = self.ask::<DescribeCluster>(region, json!({ "ClusterId": request.cluster })).await?;
            let cluster = reply.get("Cluster").unwrap_or(&Value::Null);
            Ok(DescribeClusterReply {
                state: cluster.get("Status").map(|status| said(status, "State")).unwrap_or_default(),
                custom_image: text(cluster, "CustomAmiId"),
                collection: said(cluster, "InstanceCollectionType"),
            })
        }
        .boxed()
    }
}

/// Members that lead to an image of a group's or of a fleet's own.
fn custom_images(parts: &[Value]) -> Vec<String> {
    let inner = parts.iter().flat_map(|part| items(part, "InstanceTypeSpecifications"));
    parts.iter().chain(inner).filter_map(|part| text(part, "CustomAmiId")).collect()
}

macro_rules! parts {
    ($($operation:ident: $list:literal;)+) => {$(
        impl Call<$operation> for InProcess {
            fn call<'a>(
                &'a self,
                region: &'a Region,
                request: OfClusterRequest,
            ) -> BoxFuture<'a, Result<OfClusterReply, CloudError>> {
                async move {
                    let members = json!({ "ClusterId": request.cluster, "Marker": request.next_token });
                    let reply = self.ask::<$operation>(region, members).await?;
                    let custom_images = custom_images(items(&reply, $list));
                    Ok(OfClusterReply { custom_images, next_token: text(&reply, "Marker") })
                }
                .boxed()
            }
        }
    )+};
}

parts! {
    ListInstanceFleets: "InstanceFleets";
    ListInstanceGroups: "InstanceGroups";
}
