//! The port's operation on instances.

use amictl_cloud::ops::{DescribeInstances, DescribeInstancesReply, DescribeInstancesRequest, Instance};
use amictl_cloud::{Call, CloudError};
use amictl_model::{Region, Tags};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::filter::Filters;
use crate::ops::instances::describe_instances;
use crate::ops::instances::instance_xml::state_reason;

impl Call<DescribeInstances> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeInstancesRequest,
    ) -> BoxFuture<'a, Result<DescribeInstancesReply, CloudError>> {
        async move {
            let input = || describe_instances::DescribeInstancesInput {
                include_managed: true,
                filters: Filters::all([
                    ("instance-id", request.instances.clone()),
                    ("image-id", request.images.iter().map(ToString::to_string).collect()),
                ]),
                limit: Some(1000),
                token: request.next_token.clone(),
                ..describe_instances::DescribeInstancesInput::default()
            };
            let output = self.run::<describe_instances::DescribeInstances>(region, input).await?;
            let shown = output.instances.iter().map(|instance| Instance {
                id: instance.id.clone(),
                image: instance.image.as_str().into(),
                state: instance.shown_state(output.place.now).as_str().into(),
                state_reason: state_reason(instance, instance.shown_state(output.place.now))
                    .map(|(_, message)| message.into()),
                launched_at: request.details.then_some(instance.launched_at),
                tags: if request.details { instance.tags.clone() } else { Tags::default() },
            });
            Ok(DescribeInstancesReply { instances: shown.collect(), next_token: output.next_token })
        }
        .boxed()
    }
}
