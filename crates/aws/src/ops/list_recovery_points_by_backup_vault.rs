use amictl_cloud::ops::{ListRecoveryPointsByBackupVaultReply, RecoveryPoint};

super::over_sdk!(
    ListRecoveryPointsByBackupVault,
    |clients, request| clients
        .backup()
        .list_recovery_points_by_backup_vault()
        .backup_vault_name(&request.vault)
        .by_resource_type("EC2")
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| {
        let points = output.recovery_points.unwrap_or_default().into_iter().map(|point| RecoveryPoint {
            arn: point.recovery_point_arn.unwrap_or_default(),
            status: point.status.map_or_else(String::new, |status| status.as_str().to_owned()),
        });
        Ok(ListRecoveryPointsByBackupVaultReply { points: points.collect(), next_token: output.next_token })
    }
);
