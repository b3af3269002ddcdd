//! Data Lifecycle Manager: policies of the type `IMAGE_MANAGEMENT`, a family for each schedule.

use amictl_model::Region;
use serde_json::{Value, json};

use super::draft::{Draft, DraftFamily, literal};
use crate::node::Node;

const MAKES_IMAGES: &str = "amictl's policies make no images";

pub(super) fn convert(root: &Node, draft: &mut Draft) {
    let policy = root.get("Policy").unwrap_or(root);
    let details = policy.get("PolicyDetails").unwrap_or(policy);
    let kind = details.text_of("PolicyType");
    if kind.as_deref() != Some("IMAGE_MANAGEMENT") {
        let kind = kind.unwrap_or_else(|| "EBS_SNAPSHOT_MANAGEMENT".to_owned());
        draft.leave_out(details, format!("policy of the type `{kind}`"), "only IMAGE_MANAGEMENT is about AMIs");
        return;
    }
    if let Some(state) = policy.get("State").filter(|state| state.scalar().as_deref() != Some("ENABLED")) {
        draft.leave_out(state, "`State`", "the policy is not enabled; a policy of amictl acts when a plan is applied");
    }
    for (key, why) in [
        (
            "TargetTags",
            "they choose the instances that images are made of; the images are known by the policy that made them, also those of instances \
             that have lost the tags, which Data Lifecycle Manager leaves behind",
        ),
        ("Parameters", MAKES_IMAGES),
        ("ResourceLocations", "images are judged where a scan finds them"),
    ] {
        if let Some(node) = details.get(key) {
            draft.leave_out(node, format!("`{key}`"), why);
        }
    }
    let of_policy = ["Policy", "PolicyId", "State", "PolicyDetails"];
    let of_details = ["PolicyType", "Schedules", "TargetTags", "Parameters", "ResourceLocations", "ResourceTypes"];
    draft.leave_out_but(policy, &[&of_policy[..], &of_details].concat(), "it says nothing of which images stay");
    if policy.get("PolicyDetails").is_some() {
        draft.leave_out_but(details, &of_details, "amictl has no such rule");
    }
    let Some(id) = policy.text_of("PolicyId") else {
        let why = "without it, images that another policy made by a schedule of the same name would go";
        draft.leave_out(policy, "the whole policy, as its `PolicyId` is not in the document", why);
        return;
    };
    for schedule in details.get("Schedules").map(Node::items).unwrap_or_default() {
        one(schedule, &id, draft);
    }
}

fn one(schedule: &Node, id: &str, draft: &mut Draft) {
    let Some(name) = schedule.text_of("Name") else {
        draft.leave_out(schedule, "a schedule without `Name`", "its images cannot be told from others");
        return;
    };
    for key in ["CreateRule", "TagsToAdd", "VariableTags", "CopyTags"] {
        if let Some(node) = schedule.get(key) {
            draft.leave_out(node, format!("`{key}` of schedule `{name}`"), MAKES_IMAGES);
        }
    }
    let known = ["Name", "RetainRule", "DeprecateRule", "CreateRule", "TagsToAdd", "VariableTags", "CopyTags"];
    draft.leave_out_but(schedule, &known, "amictl has no such rule");
    let Some(copied_to) = regions_of_copies(schedule) else {
        let why = "it copies to places that are no Regions, where its copies have a retention of their own";
        draft.leave_out(schedule, format!("schedule `{name}`"), why);
        return;
    };
    let Some(retain) = schedule.get("RetainRule").and_then(Rule::of) else {
        draft.leave_out(
            schedule,
            format!("schedule `{name}`"),
            "it says neither how many images stay nor for how long",
        );
        return;
    };
    let deprecate = schedule.get("DeprecateRule");
    let stages = match (deprecate.map(Rule::of), retain) {
        (None, _) => Some((retain, vec![deregister(None)])),
        (Some(Some(Rule::Days(first))), Rule::Days(last)) if first <= last => {
            Some((Rule::Days(first), vec![json!("deprecate"), deregister(Some(last - first))]))
        }
        _ => None,
    };
    let (keep, retire) = stages.unwrap_or_else(|| {
        if let Some(node) = deprecate {
            draft.leave_out(
                node,
                format!("`DeprecateRule` of schedule `{name}`"),
                "two counts cannot stand as stages with waits",
            );
        }
        (retain, vec![deregister(None)])
    });
    draft.leave_out(
        schedule,
        format!("snapshots of schedule `{name}`"),
        "`plan` leaves snapshots alone that Data Lifecycle Manager manages",
    );
    let mut matcher = json!({
        "dlm_policy": literal(id),
        "name": "policy-*_i-{hash}_*",
        "tags": {"aws:dlm:lifecycle-schedule-name": literal(&name)},
    });
    if !copied_to.is_empty() {
        // Copies have a retention of their own.
        matcher["where"] = json!({"not": {"region": copied_to}});
    }
    draft.add(DraftFamily {
        // The names that the service gives, which tell the instance: its rules count the images of each.
        matcher,
        name,
        group_by: vec!["name:hash".to_owned()],
        keep: keep.keep(),
        retire,
    });
}

/// The Regions that a schedule copies its images to; nothing where one is not told, or is no Region.
fn regions_of_copies(schedule: &Node) -> Option<Vec<String>> {
    let rules = schedule.get("CrossRegionCopyRules").map(Node::items).unwrap_or_default();
    let region = |rule: &Node| {
        let told = rule.text_of("TargetRegion").or_else(|| rule.text_of("Target"))?;
        told.parse::<Region>().ok().map(|region| region.to_string())
    };
    rules.iter().map(region).collect()
}

/// How many images stay, or for how many days.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Count(u64),
    Days(u64),
}

impl Rule {
    fn of(node: &Node) -> Option<Self> {
        if !node.has_only(&["Count", "Interval", "IntervalUnit"]) {
            return None;
        }
        if let Some(count) = node.number_of("Count").filter(|count| *count > 0) {
            return Some(Self::Count(count));
        }
        let days = match node.text_of("IntervalUnit")?.as_str() {
            "DAYS" => 1,
            "WEEKS" => 7,
            // The longest month and year: rather too long than too short.
            "MONTHS" => 31,
            "YEARS" => 366,
            _ => return None,
        };
        node.number_of("Interval")?.checked_mul(days).map(Self::Days)
    }

    fn keep(self) -> Value {
        match self {
            Self::Count(count) => json!({"newest": count}),
            Self::Days(days) => json!({"younger_than": format!("{days}d")}),
        }
    }
}

fn deregister(after_days: Option<u64>) -> Value {
    match after_days {
        Some(days) if days > 0 => json!({"deregister": {"after": format!("{days}d"), "snapshots": "delete"}}),
        _ => json!({"deregister": {"snapshots": "delete"}}),
    }
}
