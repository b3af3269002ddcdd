//! AWS Backup `ListRecoveryPointsByBackupVault`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;
use serde_json::{Value, json};

use super::vaults::{DEFAULT_VAULT, backups, no_vault};
use crate::ops::{Ctx, Op, Route, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params, epoch_secs};
use crate::world::Image;
use crate::{Fault, World};

pub(crate) struct ListRecoveryPointsByBackupVault;

pub(crate) struct ListPointsInput {
    vault: String,
    resource: Option<String>,
    kind: Option<String>,
    /// No recovery point here has a parent, a plan or another account.
    is_of_nothing: bool,
    after: Option<Moment>,
    before: Option<Moment>,
    limit: usize,
    token: Option<String>,
}

impl Op for ListRecoveryPointsByBackupVault {
    const SPEC: OperationSpec = OperationSpec::read(Service::Backup, "ListRecoveryPointsByBackupVault");
    const ROUTE: Option<Route> =
        Some(Route { method: "GET", path: "/backup-vaults/{backupVaultName}/recovery-points/" });
    type Input = ListPointsInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<ListPointsInput, Fault> {
        let other = ["backupPlanId", "parentRecoveryPointArn"];
        Ok(ListPointsInput {
            vault: params.required("backupVaultName")?.to_owned(),
            resource: params.string("resourceArn"),
            kind: params.string("resourceType"),
            is_of_nothing: other.iter().any(|name| params.text(name).is_some()),
            after: params.moment("createdAfter")?,
            before: params.moment("createdBefore")?,
            limit: limit("maxResults", params.integer("maxResults")?, 1..=1000)?.unwrap_or(1000),
            token: params.string("nextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListPointsInput) -> Result<JsonPage, Fault> {
        if input.vault != DEFAULT_VAULT || backups(world, ctx).next().is_none() {
            return Err(no_vault(&input.vault));
        }
        let after = input.token.as_deref().map(|token| key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let later = backups(world, ctx)
            .filter(|image| after.as_deref().is_none_or(|after| image.id.as_str() > after))
            .map(|image| (image.id.clone(), image));
        let page = fill(later, Some(input.limit), |_, image| input.takes(image).then(|| point(ctx, image)));
        let next_token = page.next.map(|id| token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(JsonPage::new(json!({"RecoveryPoints": page.items}), next_token))
    }
}

impl ListPointsInput {
    fn takes(&self, image: &Image) -> bool {
        !self.is_of_nothing
            && self.kind.as_deref().is_none_or(|kind| kind == "EC2")
            && self.resource.as_deref().is_none_or(|resource| resource == source(image))
            && self.after.is_none_or(|after| image.created_at > after)
            && self.before.is_none_or(|before| image.created_at < before)
    }
}

/// The instance of which an image is a backup.
fn source(image: &Image) -> &str {
    image.tags.get("aws:backup:source-resource").unwrap_or_default()
}

fn point(ctx: &Ctx, image: &Image) -> Value {
    json!({
        "RecoveryPointArn": format!("arn:aws:ec2:{}::image/{}", ctx.region, image.id),
        "BackupVaultName": DEFAULT_VAULT,
        "BackupVaultArn": format!("arn:aws:backup:{}:{}:backup-vault:{DEFAULT_VAULT}", ctx.region, ctx.account),
        "ResourceArn": source(image),
        "ResourceType": "EC2",
        "Status": "COMPLETED",
        "CreationDate": epoch_secs(image.created_at),
        "CompletionDate": epoch_secs(image.created_at),
        "IsEncrypted": false,
        "IsParent": false,
    })
}
