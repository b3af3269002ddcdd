use amictl_cloud::ops::{AutoScalingGroup, DescribeWarmPoolReply};

use super::describe_auto_scaling_groups::instances;

super::over_sdk!(
    DescribeWarmPool,
    |clients, request| clients
        .autoscaling()
        .describe_warm_pool()
        .auto_scaling_group_name(&request.group)
        .max_records(50)
        .set_next_token(request.next_token.clone()),
    |output| {
        let mut pool = AutoScalingGroup { name: request.group.clone(), ..AutoScalingGroup::default() };
        instances(&mut pool, output.instances, "an instance of the warm pool");
        Ok(DescribeWarmPoolReply { pool, next_token: output.next_token })
    }
);
