super::over_sdk!(
    DeleteImageUsageReport,
    |clients, request| clients.ec2().delete_image_usage_report().report_id(&request.report),
    |_output| Ok(())
);
