//! What a scan would cost, told before it is made: pure, from what is known of the accounts and Regions.

use std::collections::BTreeMap;

use amictl_cloud::{Effect, Need, NeedRow, OperationSpec, Service, need};
use amictl_model::{Inventory, Scope, ScopeInventory, Source};

/// Operations that are called for single items, so that a scan of nothing calls them not at all.
const FOR_ITEMS: [&str; 12] = [
    "DescribeCluster",
    "DescribeImageAttribute",
    "DescribeInstanceRefreshes",
    "DescribeLaunchTemplateVersions",
    "DescribeWarmPool",
    "GetParameters",
    "GetResource",
    "ListImageBuildVersions",
    "ListImages",
    "ListInstanceFleets",
    "ListInstanceGroups",
    "ListRecoveryPointsByBackupVault",
];

/// What a scan would cost.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanEstimate {
    /// Calls by operation, sorted by name.
    pub calls: BTreeMap<&'static str, OperationEstimate>,
    /// The least time, in seconds, that AWS's request limits allow: of the fullest bucket of one account, Region and operation.
    pub seconds_by_limits: f64,
    /// Accounts and Regions that an earlier inventory tells of.
    pub known: usize,
    /// Accounts and Regions of which nothing is known, where one page of each listing is assumed.
    pub unknown: usize,
}

/// What one operation would be called for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperationEstimate {
    /// The operation.
    pub operation: OperationSpec,
    /// Calls in all accounts and Regions.
    pub calls: u64,
    /// Calls in the account and Region that takes most.
    pub most: u64,
}

impl ScanEstimate {
    /// Calls in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.calls.values().map(|of| of.calls).sum()
    }

    /// The least time, in seconds, with so many calls under way at once, each of which takes so long.
    #[must_use]
    pub fn seconds(&self, concurrency: usize, call_seconds: f64) -> f64 {
        self.seconds_by_limits.max(self.total() as f64 * call_seconds / concurrency.max(1) as f64)
    }
}

/// What a scan of these accounts and Regions would cost, if they are as in this earlier inventory.
#[must_use]
pub fn estimate_scan(scopes: &[Scope], skip: &[Source], last: Option<&Inventory>) -> ScanEstimate {
    let mut estimate = ScanEstimate { calls: BTreeMap::new(), seconds_by_limits: 0.0, known: 0, unknown: 0 };
    for scope in scopes {
        let known = last.and_then(|last| last.scopes.iter().find(|known| known.scope == *scope));
        match known {
            Some(_) => estimate.known += 1,
            None => estimate.unknown += 1,
        }
        let mut here: BTreeMap<&'static str, (OperationSpec, u64)> = BTreeMap::new();
        for source in Source::ALL.iter().filter(|source| !skip.contains(source)) {
            for (operation, calls) in of_source(*source, known) {
                here.entry(operation.name).or_insert((operation, 0)).1 += calls;
            }
        }
        for (name, (operation, calls)) in here.into_iter().filter(|(_, (_, calls))| *calls > 0) {
            let bucket = operation.bucket();
            let seconds = (calls as f64 - bucket.capacity) / bucket.refill_per_second;
            estimate.seconds_by_limits = estimate.seconds_by_limits.max(seconds);
            let sum = estimate.calls.entry(name).or_insert(OperationEstimate { operation, calls: 0, most: 0 });
            sum.calls += calls;
            sum.most = sum.most.max(calls);
        }
    }
    estimate
}

/// The calls that a source takes, by operation.
fn of_source(source: Source, known: Option<&ScopeInventory>) -> Vec<(OperationSpec, u64)> {
    let row = match source {
        Source::ImageUsage => need(Need::UsageReports),
        Source::ImageReferences => need(Need::Witness),
        // They are read beside a scan, or only if that is asked for.
        Source::ConfigAggregator | Source::Files => None,
        source if Source::STORAGE.contains(&source) => None,
        source => need(Need::Source(source)),
    };
    let Some(row) = row else { return Vec::new() };
    let calls = known.and_then(|known| known.coverage_of(source)).map(|coverage| coverage.calls);
    // Questions about single images are asked only where an earlier scan had to.
    if source.is_read_on_demand() {
        let first = row.operations.iter().find(|operation| operation.effect == Effect::Read);
        return first.map(|operation| (*operation, calls.unwrap_or(0))).into_iter().collect();
    }
    let listings = listings(source, row);
    let least: u64 = listings.iter().map(|(_, calls)| calls).sum();
    let mut of = listings;
    // What a source took beyond a page of each listing went to further pages, or to single items where it has such.
    let beyond = calls.unwrap_or(0).saturating_sub(least);
    let item = row.operations.iter().find(|operation| is_for_items(operation));
    match (item, of.first_mut()) {
        (Some(item), _) => of.push((*item, beyond)),
        (None, Some(listing)) => listing.1 += beyond,
        (None, None) => {}
    }
    of
}

/// A page of each listing. Of the types that Cloud Control reads for a source, the first is listed always, others for its resources; any other
/// listing is made once for all sources that need it.
fn listings(source: Source, row: &NeedRow) -> Vec<(OperationSpec, u64)> {
    let is_first = |operation: &OperationSpec| {
        let has = |other: &&Source| need(Need::Source(**other)).is_some_and(|row| row.operations.contains(operation));
        operation.service == Service::CloudControl || Source::ALL.iter().find(has) == Some(&source)
    };
    let listing = row
        .operations
        .iter()
        .filter(|operation| operation.effect == Effect::Read && !is_for_items(operation) && is_first(operation));
    listing.map(|operation| (*operation, 1)).collect()
}

fn is_for_items(operation: &OperationSpec) -> bool {
    FOR_ITEMS.contains(&operation.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_for_single_items_are_operations() {
        for name in FOR_ITEMS {
            assert!(OperationSpec::ALL.iter().any(|operation| operation.name == name), "{name}");
        }
    }
}
