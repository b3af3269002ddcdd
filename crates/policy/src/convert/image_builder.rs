//! EC2 Image Builder: lifecycle policies of the resource type `AMI_IMAGE`, a family for each recipe.

use serde_json::{Map, Value, json};

use super::draft::{Draft, DraftFamily, literal};
use crate::node::Node;

pub(super) fn convert(root: &Node, draft: &mut Draft) {
    let policy = root.get("lifecyclePolicy").unwrap_or(root);
    let name = policy.text_of("name").unwrap_or_default();
    if policy.text_of("resourceType").is_some_and(|kind| kind != "AMI_IMAGE") {
        draft.leave_out(policy, format!("policy `{name}`"), "it is of another resource type than AMI_IMAGE");
        return;
    }
    if let Some(status) = policy.get("status").filter(|status| status.scalar().as_deref() != Some("ENABLED")) {
        draft.leave_out(
            status,
            "`status`",
            "the policy is not enabled; a policy of amictl acts when a plan is applied",
        );
    }
    let Some(rules) = Rules::of(policy, draft) else {
        draft.leave_out(policy, format!("policy `{name}`"), "nothing of it can be carried over");
        return;
    };
    draft.leave_out_but(
        policy,
        &["name", "status", "resourceType", "policyDetails", "resourceSelection"],
        "it says nothing of which images stay",
    );
    let selection = policy.get("resourceSelection");
    if let Some(selection) = selection.filter(|selection| !selection.has_only(&["recipes", "tagMap"])) {
        draft.leave_out(selection, format!("policy `{name}`"), "it selects by more than amictl knows of");
        return;
    }
    for recipe in selection.and_then(|selection| selection.get("recipes")).map(Node::items).unwrap_or_default() {
        let Some(recipe_name) = recipe.text_of("name") else { continue };
        let pattern = match recipe.text_of("semanticVersion") {
            Some(version) => format!("{recipe_name}/{version}"),
            None => recipe_name,
        };
        if crate::RecipePattern::parse(&pattern).is_err() {
            draft.leave_out(recipe, format!("recipe `{pattern}`"), "its name or version is none that amictl knows");
            continue;
        }
        let mut matcher = Map::from_iter([("image_builder_recipe".to_owned(), json!(pattern))]);
        matcher.extend(rules.selector().map(|selector| ("where".to_owned(), selector)));
        draft.add(rules.family(&name, Value::Object(matcher)));
    }
    if let Some(tags) =
        selection.and_then(|selection| selection.get("tagMap")).filter(|tags| tags.entries().next().is_some())
    {
        draft.leave_out(
            tags,
            "`tagMap` of the selection",
            "these are tags of Image Builder's resources, which an AMI does not show: name the recipes",
        );
    }
}

/// What the policy does, whatever it selects.
struct Rules {
    keep: Map<String, Value>,
    retire: Vec<Value>,
    /// What must not hold of an image.
    excluded: Vec<Value>,
}

/// The unit of a filter by age, in days: rather too long than too short.
fn days(node: &Node) -> Option<u64> {
    let of_unit = match node.text_of("unit")?.as_str() {
        "DAYS" => 1,
        "WEEKS" => 7,
        "MONTHS" => 31,
        "YEARS" => 366,
        _ => return None,
    };
    node.number_of("value")?.checked_mul(of_unit)
}

impl Rules {
    fn of(policy: &Node, draft: &mut Draft) -> Option<Self> {
        let mut details: Vec<(u8, &Node)> = Vec::new();
        for detail in policy.get("policyDetails").map(Node::items).unwrap_or_default() {
            let kind = detail.get("action").and_then(|action| action.text_of("type")).unwrap_or_default();
            let acts_on_amis = detail
                .get("action")
                .and_then(|action| action.get("includeResources"))
                .and_then(|resources| resources.flag_of("amis"));
            if acts_on_amis != Some(true) {
                let what = format!("action `{kind}` without `includeResources.amis`");
                draft.leave_out(detail, what, "it acts on the resources of Image Builder alone, and on no AMI");
                continue;
            }
            if !detail.has_only(&["action", "filter", "exclusionRules"]) {
                draft.leave_out(detail, format!("action `{kind}`"), "it has conditions that amictl does not know of");
                continue;
            }
            match kind.as_str() {
                "DEPRECATE" => details.push((0, detail)),
                "DISABLE" => details.push((1, detail)),
                "DELETE" => details.push((2, detail)),
                _ => draft.leave_out(detail, format!("action `{kind}`"), "amictl has no such stage"),
            }
        }
        details.sort_by_key(|(order, _)| *order);
        let mut rules = Self { keep: Map::new(), retire: Vec::new(), excluded: Vec::new() };
        let mut first_days = None;
        for (at, (order, detail)) in details.iter().enumerate() {
            rules.exclude(detail, draft)?;
            let filter = detail.get("filter")?;
            if !filter.has_only(&["type", "value", "unit", "retainAtLeast"]) {
                draft.leave_out(filter, "the filter", "it has conditions that amictl does not know of");
                return None;
            }
            let after = match (filter.text_of("type").as_deref(), at, first_days) {
                (Some("AGE"), 0, _) => {
                    let age = days(filter)?;
                    first_days = Some(age);
                    rules.keep.insert("younger_than".into(), json!(format!("{age}d")));
                    0
                }
                (Some("COUNT"), 0, _) => {
                    rules.keep.insert("newest".into(), json!(filter.number_of("value")?));
                    0
                }
                (Some("AGE"), _, Some(first)) if days(filter).is_some_and(|age| age >= first) => days(filter)? - first,
                _ => {
                    draft.leave_out(
                        filter,
                        "the filter of a later stage",
                        "a stage comes some time after the first, and this does not say when",
                    );
                    continue;
                }
            };
            if let Some(least) = filter.number_of("retainAtLeast") {
                let newest = rules.keep.get("newest").and_then(Value::as_u64).unwrap_or(0);
                rules.keep.insert("newest".into(), json!(least.max(newest)));
            }
            rules.retire.push(stage(*order, after, detail));
        }
        (!rules.retire.is_empty() && !rules.keep.is_empty()).then_some(rules)
    }

    /// Takes over what the stage leaves alone; nothing where that cannot be said, as more images would go.
    fn exclude(&mut self, detail: &Node, draft: &mut Draft) -> Option<()> {
        let Some(excluded) = detail.get("exclusionRules") else { return Some(()) };
        let amis_known = ["isPublic", "regions", "sharedAccounts", "lastLaunched", "tagMap"];
        if !excluded.has_only(&["tagMap", "amis"])
            || excluded.get("amis").is_some_and(|amis| !amis.has_only(&amis_known))
        {
            draft.leave_out(
                excluded,
                "the exclusion rules",
                "there are some that amictl does not know of; without them more images would go",
            );
            return None;
        }
        if let Some(tags) = excluded.get("tagMap").filter(|tags| tags.entries().next().is_some()) {
            draft.leave_out(tags, "`tagMap` of the exclusion rules", "these are tags of Image Builder's resources, which an AMI does not show; without the rule more images would go");
            return None;
        }
        let Some(amis) = excluded.get("amis") else { return Some(()) };
        if amis.flag_of("isPublic") == Some(true) {
            self.add_excluded(json!({"public": true}));
        }
        let regions: Vec<String> =
            amis.get("regions").map(Node::items).unwrap_or_default().iter().filter_map(Node::scalar).collect();
        if !regions.is_empty() {
            self.add_excluded(json!({"region": regions}));
        }
        if let Some(accounts) = amis.get("sharedAccounts").filter(|accounts| !accounts.items().is_empty()) {
            draft.leave_out(
                accounts,
                "`sharedAccounts`",
                "not by account: every image that is shared with anybody is left alone",
            );
            self.add_excluded(json!({"shared": true}));
        }
        for (key, value) in amis.get("tagMap").into_iter().flat_map(Node::entries) {
            self.add_excluded(json!({"tags": {key: literal(&value.scalar()?)}}));
        }
        if let Some(launched) = amis.get("lastLaunched") {
            let within = days(launched)?;
            let before = self
                .keep
                .get("launched_within")
                .and_then(Value::as_str)
                .and_then(|days| days.trim_end_matches('d').parse().ok());
            self.keep.insert("launched_within".into(), json!(format!("{}d", within.max(before.unwrap_or(0)))));
        }
        Some(())
    }

    fn add_excluded(&mut self, selector: Value) {
        if !self.excluded.contains(&selector) {
            self.excluded.push(selector);
        }
    }

    fn selector(&self) -> Option<Value> {
        match self.excluded.as_slice() {
            [] => None,
            [one] => Some(json!({"not": one})),
            several => Some(json!({"not": {"any": several}})),
        }
    }

    fn family(&self, name: &str, matcher: Value) -> DraftFamily {
        let keep = Value::Object(self.keep.clone());
        DraftFamily { name: name.to_owned(), matcher, group_by: Vec::new(), keep, retire: self.retire.clone() }
    }
}

fn stage(order: u8, after_days: u64, detail: &Node) -> Value {
    let name = ["deprecate", "disable", "deregister"][usize::from(order.min(2))];
    let mut conditions = Map::new();
    if after_days > 0 {
        conditions.insert("after".into(), json!(format!("{after_days}d")));
    }
    if order == 2 {
        let resources = detail.get("action").and_then(|action| action.get("includeResources"));
        let goes = resources.and_then(|resources| resources.flag_of("snapshots")) == Some(true);
        conditions.insert("snapshots".into(), json!(if goes { "delete" } else { "keep" }));
    }
    if conditions.is_empty() { json!(name) } else { json!({name: conditions}) }
}
