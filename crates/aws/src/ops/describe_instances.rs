use amictl_cloud::ops::{DescribeInstancesReply, Instance};
use amictl_model::Tags;
use aws_sdk_ec2::types::Filter;

use crate::convert::{tags, time};

fn of_ids(instances: &[String]) -> Filter {
    Filter::builder().name("instance-id").set_values(Some(instances.to_vec())).build()
}

super::over_sdk!(
    DescribeInstances,
    |clients, request| clients
        .ec2()
        .describe_instances()
        .include_managed_resources(true)
        .max_results(1000)
        .set_filters((!request.instances.is_empty()).then(|| vec![of_ids(&request.instances)]))
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
