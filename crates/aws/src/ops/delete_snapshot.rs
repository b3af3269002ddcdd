super::over_sdk!(
    DeleteSnapshot,
    |clients, request| clients.ec2().delete_snapshot().snapshot_id(request.snapshot.as_str()),
    |_output| Ok(())
);
