//! A whole scan: all Regions side by side, all sources of a Region side by side.

use amictl_cloud::{Clock, Cloud};
use amictl_model::{AccountId, INVENTORY_FORMAT_VERSION, Inventory, Region, Scope, ScopeInventory, Source};
use futures::future::join3;
use futures::stream::{self, StreamExt};

use crate::sources::{images, snapshots};
use crate::{Observer, Reader, sweep_references};

/// What to scan.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// Names the inventory.
    pub id: String,
    /// The account of the port's credentials.
    pub account: AccountId,
    /// The Regions.
    pub regions: Vec<Region>,
    /// Regions, and calls within a source, under way at once.
    pub concurrency: usize,
    /// Sources that are left out, because the policy says that they are not used.
    pub skip: Vec<Source>,
}

/// Scans one account in these Regions. It never fails: what could not be read stands in the coverage.
pub async fn scan(cloud: &dyn Cloud, clock: &Clock, request: ScanRequest, observer: &dyn Observer) -> Inventory {
    let created_at = clock.now();
    let concurrency = request.concurrency.max(1);
    let scopes = request.regions.into_iter().map(|region| Scope { account: request.account, region });
    let mut scopes: Vec<ScopeInventory> = stream::iter(scopes)
        .map(|scope| scan_scope(cloud, clock, scope, concurrency, &request.skip, observer))
        .buffer_unordered(concurrency)
        .collect()
        .await;
    scopes.sort_by(|a, b| a.scope.cmp(&b.scope));
    Inventory { format_version: INVENTORY_FORMAT_VERSION.to_owned(), id: request.id, created_at, scopes, files: None }
}

async fn scan_scope(
    cloud: &dyn Cloud,
    clock: &Clock,
    scope: Scope,
    concurrency: usize,
    skip: &[Source],
    observer: &dyn Observer,
) -> ScopeInventory {
    let reader = Reader { cloud, scope: &scope, clock, concurrency, skip, observer };
    let ((images, image_coverage), (snapshots, snapshot_coverage), sweep) =
        join3(images::read(reader), snapshots::read(reader), sweep_references(reader)).await;
    let mut coverage = vec![image_coverage, snapshot_coverage];
    coverage.extend(sweep.coverage);
    let mut inventory = ScopeInventory {
        scope,
        images,
        snapshots,
        references: sweep.references,
        usage: Vec::new(),
        witnessed: Vec::new(),
        coverage,
    };
    inventory.sort();
    inventory
}
