use super::launchers::{of_image, page};

super::over_sdk!(
    DescribeExportImageTasks,
    |clients, request| clients
        .ec2()
        .describe_export_image_tasks()
        .max_results(200)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.export_image_tasks, output.next_token, |item| {
        of_image(item.export_image_task_id, item.status.as_deref(), item.image_id)
    }))
);
