//! Use by other accounts, from image usage reports: only for images whose verdict depends on it, as each takes minutes and calls of its own.
//!
//! A report counts what it knows: instances up to 24 h late, launch templates by days, and no other resources.

use std::collections::BTreeMap;
use std::time::Duration;

use amictl_cloud::ops::ImageUsageEntry;
use amictl_cloud::{Clock, Clouds};
use amictl_model::{AccountUse, ImageId, ImageUsage, Inventory, Source, UsageReport};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::reader::no_credentials;
use crate::usage_reports::Reports;
use crate::{ImageRequest, Observer, Reader};

/// How usage reports are got.
#[derive(Debug, Clone)]
pub struct UsageSettings {
    /// A report that is no older than this is used as it is, whoever made it.
    pub max_age: Duration,
    /// How long all reports together are waited for.
    pub wait_max: Duration,
    /// Reports that amictl lets be pending at once in an account and Region; AWS allows 2,000, also for others.
    pub pending_max: usize,
    /// Calls under way at once in all.
    pub concurrency: usize,
}

impl Default for UsageSettings {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(24 * 3600),
            wait_max: Duration::from_secs(3600),
            pending_max: 1000,
            concurrency: 8,
        }
    }
}

/// Gets the usage reports of these images, all Regions side by side, and enters what they say and the coverage of each scope that was
/// asked. The reports that were made for it are deleted again.
pub async fn read_usage(
    clouds: &dyn Clouds,
    clock: &Clock,
    inventory: &mut Inventory,
    requests: &[ImageRequest],
    settings: &UsageSettings,
    observer: &dyn Observer,
) {
    let in_flight = Semaphore::new(settings.concurrency.max(1));
    let deadline = Instant::now() + settings.wait_max;
    let asked = requests.iter().filter_map(|request| {
        let scope = inventory.scopes.get(request.scope)?.scope.clone();
        let wanted = request.ids(inventory);
        (!wanted.is_empty()).then_some((request.scope, scope, wanted))
    });
    let token = inventory.id.clone();
    let reading: Vec<_> = asked
        .map(|(at, scope, wanted)| {
            let (in_flight, token) = (&in_flight, token.as_str());
            async move {
                let Some(cloud) = clouds.of(scope.account) else {
                    return (at, BTreeMap::new(), no_credentials(Source::ImageUsage, clock));
                };
                let reader = Reader {
                    cloud,
                    scope: &scope,
                    clock,
                    concurrency: settings.concurrency.max(1),
                    skip: &[],
                    observer,
                };
                let tally = reader.begin(Source::ImageUsage);
                let mut reports =
                    Reports { reader, tally, settings, token, in_flight, deadline, answers: BTreeMap::new() };
                reports.read(&wanted).await;
                let Reports { mut tally, answers, .. } = reports;
                tally.items = answers.len() as u64;
                (at, answers, reader.finish(tally))
            }
        })
        .collect();
    let mut reading: FuturesUnordered<_> = reading.into_iter().collect();
    while let Some((at, answers, coverage)) = reading.next().await {
        let Some(scope) = inventory.scopes.get_mut(at) else { continue };
        enter(&mut scope.usage, answers);
        scope.cover(coverage);
    }
}

/// Enters the answers in place of earlier ones.
fn enter(usage: &mut Vec<ImageUsage>, answers: BTreeMap<ImageId, UsageReport>) {
    usage.retain(|usage| !answers.contains_key(&usage.image));
    usage.extend(answers.into_iter().map(|(image, report)| ImageUsage { image, report }));
    usage.sort_unstable_by(|a, b| a.image.cmp(&b.image));
}

/// What these entries of one report say.
pub(crate) fn uses<'e>(entries: impl Iterator<Item = &'e ImageUsageEntry>) -> Result<Box<[AccountUse]>, String> {
    let mut uses = Vec::new();
    for entry in entries.filter(|entry| entry.count > 0) {
        let account = entry.account.parse().map_err(|error| format!("the usage report names an account: {error}"))?;
        uses.push(AccountUse { account, resource_type: entry.resource_type.as_str().into(), count: entry.count });
    }
    uses.sort_unstable();
    uses.dedup();
    Ok(uses.into_boxed_slice())
}
