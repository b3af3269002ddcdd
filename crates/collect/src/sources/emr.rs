//! EMR clusters that still run: a cluster, an instance group and an instance type of a fleet can each have an image of its own.
//!
//! EMR's own API is asked, because Cloud Control cannot list clusters.

use amictl_cloud::ops::{
    AllRequest, DescribeCluster, DescribeClusterReply, DescribeClusterRequest, ListClusters, ListClustersReply,
    ListInstanceFleets, ListInstanceGroups, OfClusterReply, OfClusterRequest,
};
use amictl_cloud::{Call, ErrorClass, PageError, for_each_page};
use amictl_model::Source;
use compact_str::{CompactString, format_compact};
use futures::stream::{self, StreamExt};

use crate::Reader;
use crate::listed::{Listed, Target};

/// A cluster as read.
#[derive(Default)]
struct Cluster {
    id: String,
    state: String,
    images: Vec<(&'static str, String)>,
    calls: u64,
    failure: Option<PageError>,
}

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::Emr);
    let mut ids: Vec<String> = Vec::new();
    let each = |page: ListClustersReply| ids.extend(page.ids);
    reader.pages::<ListClusters>(&mut listed.tally, AllRequest::default(), each).await;
    ids.sort_unstable();
    ids.dedup();
    let mut clusters = stream::iter(ids).map(|id| read(reader, id)).buffer_unordered(reader.concurrency.max(1));
    while let Some(cluster) = clusters.next().await {
        enter(&mut listed, cluster);
    }
    drop(clusters);
    listed
}

async fn read(reader: Reader<'_>, id: String) -> Cluster {
    let mut cluster = Cluster { id, calls: 1, ..Cluster::default() };
    let request = DescribeClusterRequest { cluster: cluster.id.clone() };
    let described = Call::<DescribeCluster>::call(reader.cloud, &reader.scope.region, request).await;
    let DescribeClusterReply { state, custom_image, collection } = match described {
        Ok(reply) => reply,
        Err(error) => {
            cluster.failure = Some(error.into());
            return cluster;
        }
    };
    cluster.state = state;
    cluster.images.extend(custom_image.map(|image| ("", image)));
    // The type of collection is not told while a cluster is being made; then both are asked.
    for (asked, place) in [("INSTANCE_GROUP", "an instance group"), ("INSTANCE_FLEET", "an instance fleet")] {
        let is_other = ["INSTANCE_GROUP", "INSTANCE_FLEET"].contains(&collection.as_str()) && collection != asked;
        if is_other {
            continue;
        }
        let request = OfClusterRequest { cluster: cluster.id.clone(), next_token: None };
        let (cloud, region) = (reader.cloud, &reader.scope.region);
        let mut images = Vec::new();
        let each = |reply: OfClusterReply| images.extend(reply.custom_images);
        let (calls, outcome) = match asked {
            "INSTANCE_GROUP" => for_each_page::<ListInstanceGroups>(cloud, region, request, each).await,
            _ => for_each_page::<ListInstanceFleets>(cloud, region, request, each).await,
        };
        cluster.calls += calls;
        cluster.images.extend(images.into_iter().map(|image| (place, image)));
        if let Err(error) = outcome {
            cluster.failure.get_or_insert(error);
        }
    }
    cluster
}

fn enter(listed: &mut Listed, cluster: Cluster) {
    listed.tally.calls += cluster.calls;
    match &cluster.failure {
        // Terminated and forgotten since it was listed.
        Some(PageError::Call(error)) if error.class == ErrorClass::NotFound => return,
        Some(error) => listed.tally.fail(error),
        None => {}
    }
    listed.tally.items += 1;
    let what = match cluster.state.as_str() {
        "" => CompactString::from("EMR cluster"),
        state => format_compact!("EMR cluster, {state}"),
    };
    let resource = CompactString::from(cluster.id);
    for (place, image) in cluster.images {
        listed.name(&resource, &what, place, Target::Image(image));
    }
}
