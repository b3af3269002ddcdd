super::over_sdk!(
    CancelInstanceRefresh,
    |clients, request| clients.autoscaling().cancel_instance_refresh().auto_scaling_group_name(&request.group),
    |_output| Ok(())
);

super::over_sdk!(
    RollbackInstanceRefresh,
    |clients, request| clients.autoscaling().rollback_instance_refresh().auto_scaling_group_name(&request.group),
    |_output| Ok(())
);
