//! Retention rules of the Recycle Bin in words.

use amictl_cloud::ops::{RetentionRule, RuleTag};
use amictl_collect::doctor::Answer;

/// Rules that are spelled out.
const RULES_MAX: usize = 4;

/// What is kept, and for how long.
pub(super) fn describe(rules: &Answer<Vec<RetentionRule>>) -> String {
    match rules {
        Err(why) => format!("could not be read: {why}"),
        Ok(rules) if rules.is_empty() => "no rule: what is deleted is gone".to_owned(),
        Ok(rules) => {
            let mut text = rules.iter().take(RULES_MAX).map(rule).collect::<Vec<_>>().join("; ");
            if rules.len() > RULES_MAX {
                text.push_str(&format!("; and {} more", rules.len() - RULES_MAX));
            }
            text
        }
    }
}

fn rule(rule: &RetentionRule) -> String {
    let of = if rule.tags.is_empty() { "all".to_owned() } else { format!("those tagged {}", tags(&rule.tags)) };
    let but = if rule.exclude_tags.is_empty() {
        String::new()
    } else {
        format!(" but those tagged {}", tags(&rule.exclude_tags))
    };
    let pending = if rule.is_available { "" } else { " (pending)" };
    format!("{} d for {of}{but}, rule {}{pending}", rule.days, rule.id)
}

fn tags(tags: &[RuleTag]) -> String {
    let tag = |tag: &RuleTag| match &tag.value {
        Some(value) => format!("{}={value}", tag.key),
        None => tag.key.clone(),
    };
    tags.iter().map(tag).collect::<Vec<_>>().join(" or ")
}
