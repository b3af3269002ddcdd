//! Uses of an image as records.

use amictl_model::{AccountId, Reference, Region, ScopeInventory, Source, UsageReport};
use serde::Serialize;

use super::{ImageEntry, Places, Use};

/// A use, and where it was seen.
#[derive(Serialize)]
pub(crate) struct ReferenceRow<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
    #[serde(flatten)]
    pub(crate) reference: &'a Reference,
}

/// A source that was not read whole, so that there may be uses which were not seen.
#[derive(Serialize)]
pub(crate) struct UnreadRow<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
    pub(crate) source: Source,
    pub(crate) status: &'static str,
    pub(crate) detail: &'a str,
}

impl<'a> ReferenceRow<'a> {
    /// Every use of an image, those of its own account first.
    pub(crate) fn all(places: &Places<'a>, entry: &ImageEntry<'a>) -> Vec<Self> {
        let own = entry.scope.scope.account;
        let row =
            |used: Use<'a>| Self { account: used.scope.account, region: &used.scope.region, reference: used.reference };
        let mut rows: Vec<Self> = places.uses(entry).map(row).collect();
        rows.sort_by_key(|row| (row.account != own, row.account));
        rows
    }
}

impl<'a> UnreadRow<'a> {
    /// Every source that could use an image and was not read whole.
    pub(crate) fn all(places: &Places<'a>, entry: &ImageEntry<'a>) -> Vec<Self> {
        let unread = |scope: &'a ScopeInventory| {
            let sources = Source::REFERENCES.iter().filter(|source| !scope.is_complete(**source));
            sources.map(|source| {
                let coverage = scope.coverage_of(*source);
                Self {
                    account: scope.scope.account,
                    region: &scope.scope.region,
                    source: *source,
                    status: coverage.map_or("skipped", |coverage| coverage.status.as_str()),
                    detail: coverage.map_or("never read", |coverage| &coverage.detail),
                }
            })
        };
        let mut rows: Vec<Self> = places.users(entry).flat_map(unread).collect();
        if places.is_unknown_elsewhere(entry) {
            let (account, region) = (entry.scope.scope.account, &entry.scope.scope.region);
            let (status, detail) = match entry.scope.usage_of(&entry.image.id).map(|usage| &usage.report) {
                Some(UsageReport::Unreadable(why)) => ("failed", &**why),
                _ => ("skipped", "others may launch it, and no usage report was asked for"),
            };
            rows.push(Self { account, region, source: Source::ImageUsage, status, detail });
        }
        rows
    }
}
