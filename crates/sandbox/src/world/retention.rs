//! Recycle Bin retention rules, and which of them keeps a resource that is deleted.

use std::sync::Arc;

use amictl_model::{Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::Scope;

const DAY_SECS: i64 = 86_400;

/// What a rule retains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResourceKind {
    /// `EC2_IMAGE`.
    Image,
    /// `EBS_SNAPSHOT`.
    Snapshot,
    /// `EBS_VOLUME`.
    Volume,
}

impl ResourceKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "EC2_IMAGE",
            Self::Snapshot => "EBS_SNAPSHOT",
            Self::Volume => "EBS_VOLUME",
        }
    }

    /// The kind of this name on the wire.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Image, Self::Snapshot, Self::Volume].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A retention rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RetentionRule {
    /// `Identifier`.
    pub id: CompactString,
    /// `Description`.
    pub description: Option<Box<str>>,
    /// `ResourceType`.
    pub kind: ResourceKind,
    /// `RetentionPeriod` in days.
    pub days: u32,
    /// `ResourceTags`: one of them makes the rule apply; without any it applies to the whole Region.
    pub resource_tags: Vec<ResourceTag>,
    /// `ExcludeResourceTags`: one of them makes a rule of the whole Region not apply.
    pub exclude_tags: Vec<ResourceTag>,
    /// When `Status` becomes `available`; the rule retains nothing before.
    pub available_at: Moment,
    /// The lock; `None` until it is locked for the first time.
    pub lock: Option<RuleLock>,
    /// The rule's own tags.
    pub tags: Tags,
}

/// A tag that a rule looks for; without a value any value will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceTag {
    /// `ResourceTagKey`.
    pub key: CompactString,
    /// `ResourceTagValue`.
    pub value: Option<CompactString>,
}

impl ResourceTag {
    /// Whether one of the tags is this one.
    #[must_use]
    pub fn is_in(&self, tags: &Tags) -> bool {
        tags.get(&self.key).is_some_and(|value| self.value.as_deref().is_none_or(|wanted| wanted == value))
    }
}

/// The lock of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLock {
    /// `UnlockDelay` in days.
    pub delay_days: u32,
    /// When the delay of an unlocked rule is over; `None` while it is locked.
    pub ends_at: Option<Moment>,
}

impl RuleLock {
    /// `LockState` at this time.
    #[must_use]
    pub fn state(self, now: Moment) -> &'static str {
        match self.ends_at {
            None => "locked",
            Some(end) if now < end => "pending_unlock",
            Some(_) => "unlocked",
        }
    }

    /// The lock once it is unlocked.
    #[must_use]
    pub fn unlocked(self, now: Moment) -> Self {
        Self { ends_at: Some(now.plus_secs(i64::from(self.delay_days) * DAY_SECS)), ..self }
    }
}

impl RetentionRule {
    /// Whether it forbids changes at this time.
    #[must_use]
    pub fn is_locked(&self, now: Moment) -> bool {
        self.lock.is_some_and(|lock| lock.state(now) != "unlocked")
    }

    /// Whether it retains a resource of this kind with these tags at this time.
    #[must_use]
    pub fn retains(&self, kind: ResourceKind, tags: &Tags, now: Moment) -> bool {
        let one_of = |wanted: &[ResourceTag]| wanted.iter().any(|tag| tag.is_in(tags));
        let takes =
            if self.resource_tags.is_empty() { !one_of(&self.exclude_tags) } else { one_of(&self.resource_tags) };
        self.kind == kind && self.available_at <= now && takes
    }
}

impl Scope {
    /// Puts a retention rule in.
    pub fn put_retention_rule(&mut self, rule: RetentionRule) {
        self.retention_rules.insert(rule.id.clone(), Arc::new(rule));
    }
}

/// How long a deleted resource stays in the Recycle Bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// The rule that retains it.
    pub rule: CompactString,
    /// `RecycleBinExitTime`.
    pub until: Moment,
}

/// The retention of a resource that is deleted now: of all rules that match, the longest wins.
pub(crate) fn retention(scope: &Scope, kind: ResourceKind, tags: &Tags, now: Moment) -> Option<Retention> {
    let rule =
        scope.retention_rules.values().filter(|rule| rule.retains(kind, tags, now)).max_by_key(|rule| rule.days)?;
    Some(Retention { rule: rule.id.clone(), until: now.plus_secs(i64::from(rule.days) * DAY_SECS) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        "2026-11-21T09:00:00Z".parse().unwrap()
    }

    fn rule(id: &str, days: u32, resource_tags: &[&str], exclude_tags: &[&str]) -> RetentionRule {
        let tags = |texts: &[&str]| {
            let tag = |text: &&str| match text.split_once('=') {
                Some((key, value)) => ResourceTag { key: key.into(), value: Some(value.into()) },
                None => ResourceTag { key: (*text).into(), value: None },
            };
            texts.iter().map(tag).collect()
        };
        RetentionRule {
            id: id.into(),
            description: None,
            kind: ResourceKind::Snapshot,
            days,
            resource_tags: tags(resource_tags),
            exclude_tags: tags(exclude_tags),
            available_at: now(),
            lock: None,
            tags: Tags::default(),
        }
    }

    #[test]
    fn the_longest_matching_rule_wins() {
        let mut scope = Scope::default();
        for rule in [
            rule("region", 7, &[], &["keep=no", "scratch"]),
            rule("app", 30, &["app=web", "app=db"], &[]),
            rule("env", 14, &["env"], &[]),
        ] {
            scope.put_retention_rule(rule);
        }
        for (tags, expected) in [
            (&[][..], Some(("region", 7))),
            (&[("app", "web")], Some(("app", 30))),
            (&[("app", "web"), ("env", "prod")], Some(("app", 30))),
            (&[("app", "other"), ("env", "")], Some(("env", 14))),
            (&[("keep", "no")], None),
            (&[("keep", "yes")], Some(("region", 7))),
            (&[("scratch", "anything")], None),
            (&[("scratch", "anything"), ("app", "db")], Some(("app", 30))),
        ] {
            let tags: Tags = tags.iter().copied().collect();
            let found = retention(&scope, ResourceKind::Snapshot, &tags, now());
            let expected =
                expected.map(|(rule, days)| Retention { rule: rule.into(), until: now().plus_secs(days * DAY_SECS) });
            assert_eq!(found, expected, "{tags:?}");
            assert_eq!(retention(&scope, ResourceKind::Image, &tags, now()), None);
            assert_eq!(retention(&scope, ResourceKind::Snapshot, &tags, now().plus_secs(-1)), None);
        }
    }

    #[test]
    fn an_unlocked_rule_stays_locked_for_its_delay() {
        let lock = RuleLock { delay_days: 7, ends_at: None };
        assert_eq!(lock.state(now()), "locked");
        let lock = lock.unlocked(now());
        assert_eq!(lock.state(now().plus_secs(7 * DAY_SECS - 1)), "pending_unlock");
        assert_eq!(lock.state(now().plus_secs(7 * DAY_SECS)), "unlocked");
    }
}
