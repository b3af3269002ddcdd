//! AWS Backup: its backups of instances are images, which only AWS Backup may delete.

use amictl_cloud::ops::{
    AllRequest, ListBackupVaults, ListBackupVaultsReply, ListRecoveryPointsByBackupVault,
    ListRecoveryPointsByBackupVaultRequest, RecoveryPoint,
};
use amictl_cloud::{ErrorClass, PageError, for_each_page};
use amictl_model::Source;
use compact_str::format_compact;
use futures::stream::{self, StreamExt};

use crate::Reader;
use crate::files::image_ids;
use crate::listed::{Listed, Target};

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::Backup);
    let mut vaults: Vec<String> = Vec::new();
    let each = |page: ListBackupVaultsReply| vaults.extend(page.names);
    reader.pages::<ListBackupVaults>(&mut listed.tally, AllRequest::default(), each).await;
    let mut answers =
        stream::iter(vaults).map(|vault| of_vault(reader, vault)).buffer_unordered(reader.concurrency.max(1));
    while let Some((vault, points, outcome)) = answers.next().await {
        match outcome {
            // Deleted since it was listed.
            (calls, Err(PageError::Call(error))) if error.class == ErrorClass::NotFound => listed.tally.calls += calls,
            outcome => listed.tally.paged(outcome),
        }
        for point in points {
            enter(&mut listed, &vault, &point);
        }
    }
    drop(answers);
    listed
}

async fn of_vault(reader: Reader<'_>, vault: String) -> (String, Vec<RecoveryPoint>, (u64, Result<(), PageError>)) {
    let mut points = Vec::new();
    let request = ListRecoveryPointsByBackupVaultRequest { vault: vault.clone(), next_token: None };
    let outcome =
        for_each_page::<ListRecoveryPointsByBackupVault>(reader.cloud, &reader.scope.region, request, |page| {
            points.extend(page.points);
        })
        .await;
    (vault, points, outcome)
}

/// Enters a recovery point. One that is not in EC2 any more, only in cold storage or with a partner, has an ARN of AWS Backup's own.
fn enter(listed: &mut Listed, vault: &str, point: &RecoveryPoint) {
    listed.tally.items += 1;
    let what = format_compact!("AWS Backup recovery point, {}", point.status);
    let resource = format_compact!("{vault}/{}", point.arn.rsplit('/').next().unwrap_or_default());
    for image in image_ids(&point.arn) {
        listed.name(&resource, &what, "", Target::Image(image.to_string()));
    }
    if image_ids(&point.arn).is_empty() && !point.arn.contains(":backup:") {
        listed.tally.unresolved(format!("recovery point {} of vault {vault} names no image", point.arn));
    }
}
