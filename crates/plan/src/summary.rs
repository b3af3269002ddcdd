//! What a plan says in sum.

use std::collections::{BTreeMap, BTreeSet};

use amictl_model::{CoverageStatus, ImageId, Scope, Source};
use amictl_policy::ReasonCode;

use crate::{Change, Plan, PlanCoverage, PlanDecision, PlanVerdict};

/// How many images a plan keeps, retires and cannot decide on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecisionCounts {
    /// They stay.
    pub keep: u64,
    /// They go.
    pub retire: u64,
    /// They stay because something could not be read.
    pub blocked: u64,
}

impl DecisionCounts {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.keep + self.retire + self.blocked
    }

    fn add(&mut self, decision: PlanDecision) {
        match decision {
            PlanDecision::Keep => self.keep += 1,
            PlanDecision::Retire => self.retire += 1,
            PlanDecision::Blocked => self.blocked += 1,
        }
    }
}

/// The counts of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts<'a> {
    /// All images.
    pub images: DecisionCounts,
    /// By the strongest reason; each image counts once.
    pub by_reason: BTreeMap<ReasonCode, u64>,
    /// By family, `None` for images of none.
    pub by_family: BTreeMap<Option<&'a str>, DecisionCounts>,
}

impl Plan {
    /// Counts the verdicts.
    #[must_use]
    pub fn counts(&self) -> Counts<'_> {
        let mut counts = Counts::default();
        for verdict in &self.verdicts {
            counts.images.add(verdict.decision);
            counts.by_family.entry(verdict.family.as_deref()).or_default().add(verdict.decision);
            if let Some(strongest) = verdict.reasons.first() {
                *counts.by_reason.entry(strongest.code).or_default() += 1;
            }
        }
        counts
    }

    /// What all steps together save a month at most, in US dollars.
    #[must_use]
    pub fn monthly_usd_upper_bound(&self) -> f64 {
        crate::price::four_decimals(self.steps.iter().map(|step| step.monthly_usd_upper_bound).sum())
    }

    /// The snapshots that all steps together delete.
    #[must_use]
    pub fn snapshots_deleted(&self) -> u64 {
        self.steps.iter().flat_map(|step| &step.snapshots).filter(|snapshot| snapshot.delete).count() as u64
    }

    /// Every account and Region that the plan's evidence is of.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let scope = |coverage: &PlanCoverage| Scope { account: coverage.account, region: coverage.region.clone() };
        let of_bundles = self.steps.iter().filter_map(|step| match step.change.as_deref() {
            Some(Change::DeleteBundle(bundling)) => Some(bundling.scopes.iter().cloned()),
            _ => None,
        });
        self.coverage.iter().map(scope).chain(of_bundles.flatten()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The accounts and Regions of which the plan's evidence has this source whole.
    #[must_use]
    pub fn scopes_with(&self, source: Source) -> Vec<Scope> {
        let is_whole = |row: &&PlanCoverage| row.source == source && row.status == CoverageStatus::Complete;
        let whole = self.coverage.iter().filter(is_whole);
        whole.map(|row| Scope { account: row.account, region: row.region.clone() }).collect()
    }

    /// The verdict on an image.
    #[must_use]
    pub fn verdict_of(&self, image: &ImageId) -> Option<&PlanVerdict> {
        self.verdicts.iter().find(|verdict| verdict.image_id == *image)
    }
}
