//! The port's operations on AWS Backup.

use amictl_cloud::ops::{
    AllRequest, ListBackupVaults, ListBackupVaultsReply, ListRecoveryPointsByBackupVault,
    ListRecoveryPointsByBackupVaultReply, ListRecoveryPointsByBackupVaultRequest, RecoveryPoint,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::InProcess;
use super::asked::{items, said, text};

impl Call<ListBackupVaults> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: AllRequest,
    ) -> BoxFuture<'a, Result<ListBackupVaultsReply, CloudError>> {
        async move {
            let members = json!({ "maxResults": 1000, "nextToken": request.next_token });
            let reply = self.ask::<ListBackupVaults>(region, members).await?;
            let names = items(&reply, "BackupVaultList").iter().map(|vault| said(vault, "BackupVaultName")).collect();
            Ok(ListBackupVaultsReply { names, next_token: text(&reply, "NextToken") })
        }
        .boxed()
    }
}

impl Call<ListRecoveryPointsByBackupVault> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListRecoveryPointsByBackupVaultRequest,
    ) -> BoxFuture<'a, Result<ListRecoveryPointsByBackupVaultReply, CloudError>> {
        async move {
            let members = json!({
                "backupVaultName": request.vault,
                "resourceType": "EC2",
                "maxResults": 1000,
                "nextToken": request.next_token,
            });
            let reply = self.ask::<ListRecoveryPointsByBackupVault>(region, members).await?;
            let points = items(&reply, "RecoveryPoints")
                .iter()
                .map(|point| RecoveryPoint { arn: said(point, "RecoveryPointArn"), status: said(point, "Status") });
            let points = points.collect();
            Ok(ListRecoveryPointsByBackupVaultReply { points, next_token: text(&reply, "NextToken") })
        }
        .boxed()
    }
}
