//! A whole scan: all accounts and Regions side by side, all sources of a Region side by side.

use amictl_cloud::{Clock, Cloud, Clouds};
use amictl_model::{Coverage, CoverageStatus, INVENTORY_FORMAT_VERSION, Inventory, Scope, ScopeInventory, Source};
use futures::future::join3;
use futures::stream::{self, StreamExt};

use crate::sources::{images, snapshots};
use crate::{Observer, Reader, ScanEvent, sweep_references};

/// What to scan.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// Names the inventory.
    pub id: String,
    /// The accounts and Regions.
    pub scopes: Vec<Scope>,
    /// Accounts and Regions that should be scanned and cannot be, each with the reason.
    pub unreachable: Vec<Unreachable>,
    /// Accounts and Regions, and calls within a source, under way at once.
    pub concurrency: usize,
    /// Sources that are left out, because the policy says that they are not used.
    pub skip: Vec<Source>,
}

/// An account in a Region that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// Where.
    pub scope: Scope,
    /// Whether it is denied or fails.
    pub status: CoverageStatus,
    /// Why.
    pub why: String,
}

/// Scans these accounts and Regions. It never fails: what could not be read stands in the coverage.
pub async fn scan(clouds: &dyn Clouds, clock: &Clock, request: ScanRequest, observer: &dyn Observer) -> Inventory {
    let created_at = clock.now();
    let concurrency = request.concurrency.max(1);
    let skip = request.skip.as_slice();
    let mut scopes: Vec<ScopeInventory> = stream::iter(request.scopes)
        .map(|scope| async move {
            match clouds.of(scope.account) {
                Some(cloud) => scan_scope(cloud, clock, scope, concurrency, skip, observer).await,
                None => {
                    let why = "there are no credentials for the account".to_owned();
                    unread(clock, Unreachable { scope, status: CoverageStatus::Failed, why }, observer)
                }
            }
        })
        .buffer_unordered(concurrency)
        .collect()
        .await;
    scopes.extend(request.unreachable.into_iter().map(|unreachable| unread(clock, unreachable, observer)));
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
    // The second witness is asked later, if at all.
    coverage
        .extend(skip.contains(&Source::ImageReferences).then(|| reader.finish(reader.begin(Source::ImageReferences))));
    let mut inventory = ScopeInventory {
        images,
        snapshots,
        references: sweep.references,
        snapshot_uses: sweep.snapshot_uses,
        coverage,
        ..ScopeInventory::empty(scope)
    };
    inventory.sort();
    inventory
}

/// A scope of which nothing is known.
fn unread(clock: &Clock, unreachable: Unreachable, observer: &dyn Observer) -> ScopeInventory {
    let Unreachable { scope, status, why } = unreachable;
    let sources = [Source::Images, Source::Snapshots].iter().chain(Source::REFERENCES);
    let coverage: Vec<Coverage> = sources
        .map(|source| Coverage {
            source: *source,
            status,
            detail: why.as_str().into(),
            items: 0,
            calls: 0,
            read_at: clock.now(),
        })
        .collect();
    for coverage in &coverage {
        observer.observe(ScanEvent::Finished { scope: scope.clone(), coverage: coverage.clone() });
    }
    ScopeInventory { coverage, ..ScopeInventory::empty(scope) }
}
