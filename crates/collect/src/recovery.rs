//! What the Recycle Bin keeps of what is deregistered and deleted, and for how long.

use amictl_cloud::ops::{GetRule, GetRuleRequest, ListRules, ListRulesReply, ListRulesRequest, RetentionRule, RuleTag};
use amictl_cloud::{Call, Cloud, PageError, for_each_page};
use amictl_model::{Region, Tags};
use futures::join;
use futures::stream::{self, StreamExt, TryStreamExt};

/// What was answered, or why nothing was, as a text for a person.
pub type Answer<T> = Result<T, String>;

/// Rules read at once.
const RULES_AT_ONCE: usize = 4;

/// The retention rules of the Recycle Bin. Images and their snapshots need rules of their own: without its snapshots an image cannot
/// be restored.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// Rules for `EC2_IMAGE`.
    pub images: Answer<Vec<RetentionRule>>,
    /// Rules for `EBS_SNAPSHOT`.
    pub snapshots: Answer<Vec<RetentionRule>>,
}

impl Recovery {
    /// Days for which everything that is deregistered without exception can be restored: the shorter of the longest rules for all images
    /// and for all snapshots; `None` when one is missing or was not read.
    #[must_use]
    pub fn days_for_all(&self) -> Option<u64> {
        let longest = |rules: &Answer<Vec<RetentionRule>>| {
            let rules = rules.as_ref().ok()?.iter();
            rules
                .filter(|rule| rule.is_available && rule.tags.is_empty() && rule.exclude_tags.is_empty())
                .map(|rule| rule.days)
                .max()
        };
        Some(longest(&self.images)?.min(longest(&self.snapshots)?))
    }

    /// Days for which an image with these tags can be restored once it is deregistered; 0 where no rule keeps it.
    ///
    /// # Errors
    /// Why the rules were not read.
    pub fn days_of_image(&self, tags: &Tags) -> Answer<u64> {
        self.images.as_ref().map(|rules| retention_days(rules, tags)).map_err(Clone::clone)
    }

    /// The same for a snapshot once it is deleted.
    ///
    /// # Errors
    /// Why the rules were not read.
    pub fn days_of_snapshot(&self, tags: &Tags) -> Answer<u64> {
        self.snapshots.as_ref().map(|rules| retention_days(rules, tags)).map_err(Clone::clone)
    }
}

/// Days for which these rules keep a resource with these tags: of several the longest holds; 0 where none keeps it.
#[must_use]
pub fn retention_days(rules: &[RetentionRule], tags: &Tags) -> u64 {
    let has = |tag: &RuleTag| {
        let value = tags.get(&tag.key);
        value.is_some_and(|value| tag.value.as_deref().is_none_or(|wanted| wanted == value))
    };
    let keeps = |rule: &&RetentionRule| {
        rule.is_available && (rule.tags.is_empty() || rule.tags.iter().any(has)) && !rule.exclude_tags.iter().any(has)
    };
    rules.iter().filter(keeps).map(|rule| rule.days).max().unwrap_or(0)
}

/// Reads the rules of a Region; never fails, as each kind says for itself why it could not be read.
pub async fn read_recovery(cloud: &dyn Cloud, region: &Region) -> Recovery {
    let (images, snapshots) = join!(rules(cloud, region, "EC2_IMAGE"), rules(cloud, region, "EBS_SNAPSHOT"));
    Recovery { images, snapshots }
}

/// Reads the rules of a Region for volumes.
pub async fn read_volume_rules(cloud: &dyn Cloud, region: &Region) -> Answer<Vec<RetentionRule>> {
    rules(cloud, region, "EBS_VOLUME").await
}

async fn rules(cloud: &dyn Cloud, region: &Region, resource_type: &str) -> Answer<Vec<RetentionRule>> {
    let mut ids = Vec::new();
    let request = ListRulesRequest { resource_type: resource_type.to_owned(), next_token: None };
    let each = |page: ListRulesReply| ids.extend(page.rules);
    for_each_page::<ListRules>(cloud, region, request, each).await.1.map_err(|error: PageError| error.to_string())?;
    let get = |id: String| Call::<GetRule>::call(cloud, region, GetRuleRequest { id });
    let mut rules: Vec<RetentionRule> = stream::iter(ids)
        .map(get)
        .buffer_unordered(RULES_AT_ONCE)
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(days: u64, tags: &[(&str, Option<&str>)], exclude: &[(&str, Option<&str>)]) -> RetentionRule {
        let of = |tags: &[(&str, Option<&str>)]| {
            let tag = |(key, value): &(&str, Option<&str>)| RuleTag {
                key: (*key).to_owned(),
                value: value.map(str::to_owned),
            };
            tags.iter().map(tag).collect()
        };
        RetentionRule {
            days,
            is_available: true,
            tags: of(tags),
            exclude_tags: of(exclude),
            ..RetentionRule::default()
        }
    }

    #[test]
    fn the_longest_rule_that_keeps_a_resource_holds() {
        let rules = [
            rule(7, &[], &[("temporary", None)]),
            rule(30, &[("env", Some("prod")), ("env", Some("stage"))], &[]),
            RetentionRule { is_available: false, ..rule(365, &[], &[]) },
        ];
        let of = |tags: &[(&str, &str)]| retention_days(&rules, &tags.iter().copied().collect());
        assert_eq!(of(&[]), 7);
        assert_eq!(of(&[("env", "prod")]), 30);
        assert_eq!(of(&[("env", "dev")]), 7);
        assert_eq!(of(&[("temporary", "")]), 0);
        assert_eq!(of(&[("temporary", ""), ("env", "stage")]), 30);
        assert_eq!(retention_days(&[], &Tags::default()), 0);
    }
}
