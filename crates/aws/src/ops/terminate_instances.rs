super::over_sdk!(
    TerminateInstances,
    |clients, request| clients.ec2().terminate_instances().instance_ids(request.instance.as_str()),
    |_output| Ok(())
);
