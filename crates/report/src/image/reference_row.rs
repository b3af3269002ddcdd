//! Uses of an image as records.

use std::borrow::Cow;

use amictl_model::{AccountId, Reference, Region, ScopeInventory, Source, UsageReport};
use serde::Serialize;

use super::{ImageEntry, Places, Use};

/// A use, and where it was seen.
#[derive(Serialize)]
pub(crate) struct ReferenceRow<'a> {
    /// `None` for a file, which speaks for every account and Region.
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Option<&'a Region>,
    #[serde(flatten)]
    pub(crate) reference: Cow<'a, Reference>,
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
        let own = Some(entry.scope.scope.account);
        let region = &entry.scope.scope.region;
        let row = |Use { account, reference }| Self { account, region: account.map(|_| region), reference };
        let mut rows: Vec<Self> = places.uses(entry).into_iter().map(row).collect();
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
        let own = &entry.scope.scope;
        let here = |source, status, detail| Self { account: own.account, region: &own.region, source, status, detail };
        rows.extend(places.unread_files().iter().map(|why| here(Source::Files, "failed", &**why)));
        if places.is_unknown_elsewhere(entry) {
            let report = entry.scope.usage_of(&entry.image.id).map(|usage| &usage.report);
            rows.push(match report {
                Some(UsageReport::Unreadable(why)) => here(Source::ImageUsage, "failed", &**why),
                _ => here(Source::ImageUsage, "skipped", "others may launch it, and no usage report was asked for"),
            });
        }
        rows
    }
}
