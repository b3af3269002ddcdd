use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// AWS Backup `ListBackupVaults`: vaults of every type.
#[derive(Debug)]
pub struct ListBackupVaults;

/// A page of vaults; pages of 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListBackupVaultsReply {
    /// `BackupVaultList[].BackupVaultName`.
    pub names: Vec<String>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListBackupVaults {
    type Request = AllRequest;
    type Reply = ListBackupVaultsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Backup, "ListBackupVaults");
}

paged!(ListBackupVaults);
