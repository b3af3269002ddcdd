use super::launchers::{of_image, page};

super::over_sdk!(
    DescribeStoreImageTasks,
    |clients, request| clients
        .ec2()
        .describe_store_image_tasks()
        .max_results(200)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.store_image_task_results, output.next_token, |item| {
        of_image(item.s3object_key, item.store_task_state.as_deref(), item.ami_id)
    }))
);
