//! What could not be read in the account cannot be read in its twin.

use amictl_cloud::{Effect, NEEDS, Need, NeedRow, OperationSpec, Service, need};
use amictl_model::{CoverageStatus, LaunchPermissions, ScopeInventory, Source, UsageReport};

use crate::FaultRule;

/// The row of the table of needs that says how a source is read, if AWS is asked for it.
fn reading(source: Source) -> Option<&'static NeedRow> {
    need(match source {
        Source::ImageReferences => Need::Witness,
        Source::ImageUsage => Need::UsageReports,
        Source::ConfigAggregator => Need::Aggregator,
        source => Need::Source(source),
    })
}

/// The operation whose denial makes a source unread: the first of those that read it and that fewest others need, so that nothing else
/// is denied with it.
fn operation(row: &NeedRow) -> Option<&'static OperationSpec> {
    let reads = row.operations.iter().filter(|spec| spec.effect == Effect::Read);
    reads.min_by_key(|spec| NEEDS.iter().filter(|other| other.operations.contains(spec)).count())
}

/// The rule that denies a source.
fn denial(source: Source) -> Option<FaultRule> {
    let row = reading(source)?;
    let operation = operation(row)?;
    let rule = FaultRule::denied(operation.name);
    // Cloud Control reads everything by the same operations; what sets them apart is the type of resource.
    let subject = row.subjects.first().filter(|_| operation.service == Service::CloudControl);
    Some(subject.into_iter().fold(rule, |rule, kind| rule.about_type(kind)))
}

/// The rules of one account in one Region.
pub(super) fn rules(scope: &ScopeInventory) -> Vec<FaultRule> {
    let unread = scope.coverage.iter().filter(|coverage| match (coverage.source, coverage.status) {
        // A source that was not asked for is no source that cannot be read.
        (_, CoverageStatus::Complete | CoverageStatus::Skipped) => false,
        // One image may have been refused and the next answered, which is more than a rule for all can say.
        (Source::LaunchPermissions, _) => !any_permissions_known(scope),
        (Source::ImageUsage, _) => !scope.usage.iter().any(|usage| matches!(usage.report, UsageReport::Read { .. })),
        (Source::ImageReferences, _) => scope.witnessed.iter().all(|witnessed| witnessed.failure.is_some()),
        (_, CoverageStatus::Denied | CoverageStatus::Failed) => true,
    });
    let rules = unread.filter_map(|coverage| denial(coverage.source));
    rules.map(|rule| of_scope(rule, scope)).collect()
}

fn of_scope(rule: FaultRule, scope: &ScopeInventory) -> FaultRule {
    FaultRule { account: Some(scope.scope.account), ..rule.in_region(scope.scope.region.clone()) }
}

fn any_permissions_known(scope: &ScopeInventory) -> bool {
    scope.images.iter().any(|image| matches!(image.launch_permissions, LaunchPermissions::Read(_)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn what_is_denied(source: Source) -> Option<(String, Option<String>)> {
        denial(source).map(|rule| (rule.operation, rule.resource_type))
    }

    #[test]
    fn each_source_that_aws_is_asked_for_is_denied_alone() {
        let told: Vec<Source> = Source::ALL.iter().copied().filter(|source| *source != Source::Files).collect();
        let denials: BTreeSet<_> = told.iter().filter_map(|source| what_is_denied(*source)).collect();
        assert_eq!(denials.len(), told.len());
        assert_eq!(what_is_denied(Source::Files), None);
    }

    #[test]
    fn what_is_denied_is_what_a_source_begins_with_and_no_other_needs() {
        for (source, operation, kind) in [
            (Source::LaunchTemplates, "DescribeLaunchTemplates", None),
            (Source::AutoScalingGroups, "DescribeAutoScalingGroups", None),
            (Source::InstanceRefreshes, "DescribeInstanceRefreshes", None),
            (Source::WarmPools, "DescribeWarmPool", None),
            (Source::SsmParameters, "DescribeParameters", None),
            (Source::ImageBuilder, "ListImageRecipes", None),
            (Source::EksNodeGroups, "ListResources", Some("AWS::EKS::Cluster")),
            (Source::ImageUsage, "DescribeImageUsageReports", None),
        ] {
            assert_eq!(what_is_denied(source), Some((operation.to_owned(), kind.map(str::to_owned))));
        }
    }
}
