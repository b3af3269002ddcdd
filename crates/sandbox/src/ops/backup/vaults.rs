//! AWS Backup `ListBackupVaults`.

use amictl_cloud::{OperationSpec, Service};
use serde_json::json;

use crate::ops::{Ctx, Op, Route, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params, epoch_secs};
use crate::world::{Image, Scope};
use crate::{Fault, World};

/// The vault of all recovery points.
pub(super) const DEFAULT_VAULT: &str = "Default";

/// The images of an account and Region that AWS Backup has made.
pub(super) fn backups<'a>(world: &'a World, ctx: &Ctx) -> impl Iterator<Item = &'a Image> + use<'a> {
    let scope = world.scope(ctx.account, &ctx.region);
    scope.into_iter().flat_map(Scope::images).filter(|image| image.is_of_backup())
}

pub(crate) struct ListBackupVaults;

pub(crate) struct ListBackupVaultsInput {
    kind: Option<String>,
    is_shared: bool,
    limit: usize,
    token: Option<String>,
}

impl Op for ListBackupVaults {
    const SPEC: OperationSpec = OperationSpec::read(Service::Backup, "ListBackupVaults");
    const ROUTE: Option<Route> = Some(Route { method: "GET", path: "/backup-vaults/" });
    type Input = ListBackupVaultsInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<ListBackupVaultsInput, Fault> {
        Ok(ListBackupVaultsInput {
            kind: params.string("vaultType"),
            is_shared: params.flag("shared")?,
            limit: limit("maxResults", params.integer("maxResults")?, 1..=1000)?.unwrap_or(1000),
            token: params.string("nextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListBackupVaultsInput) -> Result<JsonPage, Fault> {
        let after = input.token.as_deref().map(|token| key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let first = backups(world, ctx).map(|image| image.created_at).min();
        let count = backups(world, ctx).count();
        let is_meant = !input.is_shared && input.kind.as_deref().is_none_or(|kind| kind == "BACKUP_VAULT");
        let vault = first.filter(|_| is_meant && after.is_none()).map(|created_at| {
            json!({
                "BackupVaultName": DEFAULT_VAULT,
                "BackupVaultArn": format!("arn:aws:backup:{}:{}:backup-vault:{DEFAULT_VAULT}", ctx.region, ctx.account),
                "VaultType": "BACKUP_VAULT",
                "VaultState": "AVAILABLE",
                "CreationDate": epoch_secs(created_at),
                "NumberOfRecoveryPoints": count,
                "Locked": false,
            })
        });
        let page =
            fill(vault.into_iter().map(|vault| (DEFAULT_VAULT, vault)), Some(input.limit), |_, vault| Some(vault));
        let next_token = page.next.map(|name| token_after(ctx, Self::SPEC.name, name));
        Ok(JsonPage::new(json!({"BackupVaultList": page.items}), next_token))
    }
}

/// A vault that is not there.
pub(super) fn no_vault(name: &str) -> Fault {
    let name: String = name.chars().take(100).collect();
    Fault::new("ResourceNotFoundException", format!("Backup vault {name} does not exist."))
}
