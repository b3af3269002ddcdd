use amictl_cloud::ops::ListBackupVaultsReply;

super::over_sdk!(
    ListBackupVaults,
    |clients, request| clients
        .backup()
        .list_backup_vaults()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| {
        let vaults = output.backup_vault_list.unwrap_or_default().into_iter();
        Ok(ListBackupVaultsReply {
            names: vaults.filter_map(|vault| vault.backup_vault_name).collect(),
            next_token: output.next_token,
        })
    }
);
