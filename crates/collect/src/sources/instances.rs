//! Instances in every state but terminated: a stopped, stopping, pending or hibernated one needs its image as much as a running one.

use amictl_cloud::ops::{DescribeInstances, DescribeInstancesReply, DescribeInstancesRequest, Instance};
use amictl_model::{Coverage, Reference, Source, Usage};

use crate::Reader;

/// Reads all instances of the account and Region.
pub(crate) async fn read(reader: Reader<'_>) -> (Vec<Reference>, Coverage) {
    let mut tally = reader.begin(Source::Instances);
    let mut instances: Vec<Instance> = Vec::new();
    let request = DescribeInstancesRequest::default();
    let each = |page: DescribeInstancesReply| {
        instances.extend(page.instances.into_iter().filter(|instance| instance.state != "terminated"));
    };
    reader.pages::<DescribeInstances>(&mut tally, request, each).await;
    tally.items = instances.len() as u64;
    let mut references = Vec::with_capacity(instances.len());
    for instance in instances {
        match instance.image.parse() {
            Ok(image) => references.push(Reference {
                image,
                source: Source::Instances,
                resource: instance.id,
                usage: Usage::Instance { state: instance.state },
            }),
            Err(error) => tally.unresolved(format!("instance {}: {error}", instance.id)),
        }
    }
    (references, reader.finish(tally))
}
