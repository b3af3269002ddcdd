use amictl_cloud::ops::{DescribeInstancesReply, Instance};
use amictl_model::{ImageId, Tags};
use aws_sdk_ec2::types::Filter;

use crate::convert::{tags, time};

fn filters(instances: &[String], images: &[ImageId]) -> Option<Vec<Filter>> {
    let images: Vec<String> = images.iter().map(ToString::to_string).collect();
    let wanted = [("instance-id", instances.to_vec()), ("image-id", images)];
    let given = wanted.into_iter().filter(|(_, values)| !values.is_empty());
    let filters: Vec<Filter> =
        given.map(|(name, values)| Filter::builder().name(name).set_values(Some(values)).build()).collect();
    (!filters.is_empty()).then_some(filters)
}

super::over_sdk!(
    DescribeInstances,
    |clients, request| clients
        .ec2()
        .describe_instances()
        .include_managed_resources(true)
        .max_results(1000)
        .set_filters(filters(&request.instances, &request.images))
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeInstancesReply {
        instances: output
            .reservations
            .unwrap_or_default()
            .into_iter()
            .flat_map(|reservation| reservation.instances.unwrap_or_default())
            .map(|instance| Instance {
                id: instance.instance_id.unwrap_or_default().into(),
                image: instance.image_id.unwrap_or_default().into(),
                state: instance
                    .state
                    .and_then(|state| state.name)
                    .map_or_else(Default::default, |name| name.as_str().into()),
                state_reason: instance
                    .state_reason
                    .and_then(|reason| reason.message)
                    .filter(|message| !message.is_empty())
                    .map(Into::into),
                launched_at: if request.details { time(instance.launch_time) } else { None },
                tags: if request.details { tags(instance.tags) } else { Tags::default() },
            })
            .collect(),
        next_token: output.next_token,
    })
);
