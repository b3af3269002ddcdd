use super::paged;
use crate::{Operation, OperationSpec, Service};

/// AWS Backup `ListRecoveryPointsByBackupVault` with `ByResourceType` `EC2`: a vault's backups of instances, which are images.
#[derive(Debug)]
pub struct ListRecoveryPointsByBackupVault;

/// One page of a vault's recovery points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRecoveryPointsByBackupVaultRequest {
    /// `BackupVaultName`.
    pub vault: String,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of recovery points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRecoveryPointsByBackupVaultReply {
    /// `RecoveryPoints`.
    pub points: Vec<RecoveryPoint>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A recovery point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecoveryPoint {
    /// `RecoveryPointArn`, such as `arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0`.
    pub arn: String,
    /// `Status`, such as `COMPLETED`.
    pub status: String,
}

impl Operation for ListRecoveryPointsByBackupVault {
    type Request = ListRecoveryPointsByBackupVaultRequest;
    type Reply = ListRecoveryPointsByBackupVaultReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Backup, "ListRecoveryPointsByBackupVault");
}

paged!(ListRecoveryPointsByBackupVault);
