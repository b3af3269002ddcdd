use amictl_cloud::ops::{DescribeStoreImageTasksReply, StoreImageTask};

super::over_sdk!(
    DescribeStoreImageTasks,
    |clients, request| {
        let images: Vec<String> = request.images.iter().map(ToString::to_string).collect();
        // `MaxResults` is refused beside `ImageIds`.
        let page = images.is_empty().then_some(200);
        clients
            .ec2()
            .describe_store_image_tasks()
            .set_image_ids((!images.is_empty()).then_some(images))
            .set_max_results(page)
            .set_next_token(request.next_token.clone())
    },
    |output| {
        let tasks = output.store_image_task_results.unwrap_or_default().into_iter().map(|task| StoreImageTask {
            image: task.ami_id.unwrap_or_default(),
            bucket: task.bucket.unwrap_or_default(),
            key: task.s3object_key.unwrap_or_default(),
            state: task.store_task_state.unwrap_or_default(),
            percent: task.progress_percentage.and_then(|percent| u64::try_from(percent).ok()),
            failure: task.store_task_failure_reason,
        });
        Ok(DescribeStoreImageTasksReply { tasks: tasks.collect(), next_token: output.next_token })
    }
);
