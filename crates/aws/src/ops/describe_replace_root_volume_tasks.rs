use super::launchers::{of_image, page};

super::over_sdk!(
    DescribeReplaceRootVolumeTasks,
    |clients, request| clients
        .ec2()
        .describe_replace_root_volume_tasks()
        .max_results(50)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.replace_root_volume_tasks, output.next_token, |item| {
        of_image(
            item.replace_root_volume_task_id,
            item.task_state.as_ref().map(aws_sdk_ec2::types::ReplaceRootVolumeTaskState::as_str),
            item.image_id,
        )
    }))
);
