//! The JSON Schema of policy files, for editors and for checks outside amictl.
//!
//! The types here and below only describe: files are read by the grammar, which tells every error with its place. A test holds the two
//! together.
#![expect(dead_code, reason = "the types are there for the schema that is derived from them")]

mod family;
mod schedule;
mod selector;

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, schema_for};
use serde_json::Value;

use family::FamilySection;
use schedule::ScheduleSection;
use selector::SelectorSection;

/// The JSON Schema of policy files.
#[must_use]
pub fn policy_schema() -> Schema {
    let mut schema = schema_for!(PolicyFile);
    without_null(schema.as_object_mut().into_iter().flat_map(|object| object.values_mut()));
    schema
}

/// A key that may be left out may still not be empty: takes `null` out of what optional fields accept.
fn without_null<'v>(values: impl Iterator<Item = &'v mut Value>) {
    for value in values {
        if let Value::Array(items) = value {
            items.retain(|item| item.as_str() != Some("null") && item["type"] != "null");
            without_null(items.iter_mut());
        } else if let Value::Object(object) = value {
            without_null(object.values_mut());
            // One alternative is none.
            if let Some(Value::Array(types)) = object.get_mut("type")
                && let [_] = types.as_slice()
            {
                let only = types.remove(0);
                object.insert("type".into(), only);
            }
            if let Some(Value::Array(any)) = object.get_mut("anyOf")
                && let [Value::Object(_)] = any.as_slice()
                && let Value::Object(only) = any.remove(0)
            {
                object.remove("anyOf");
                object.extend(only);
            }
        }
    }
}

/// A policy of amictl: which AMIs are kept and how the others are retired.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "amictl policy")]
#[schemars(extend("anyOf" = [{ "required": ["families"] }, { "required": ["schedules"] }]))]
struct PolicyFile {
    /// Always 1.
    #[schemars(range(min = 1, max = 1))]
    version: u32,
    /// What counts as a use of an image.
    references: Option<References>,
    /// What is never retired.
    protect: Option<Vec<Protect>>,
    /// The caps of one plan.
    limits: Option<LimitsSection>,
    /// When something may be done; any time is right without.
    #[schemars(length(min = 1, max = 1000))]
    windows: Option<Vec<WindowSection>>,
    /// People who must approve a plan, beside whoever made it (0).
    #[schemars(range(min = 0, max = 100))]
    approvals: Option<u32>,
    /// Who is told before a stage.
    notify: Option<NotifySection>,
    /// Images that are made by the clock.
    #[schemars(length(min = 1, max = 1000))]
    schedules: Option<Vec<ScheduleSection>>,
    /// The families; an image belongs to the first that matches it. Needed unless there are schedules.
    #[schemars(length(min = 1, max = 1000))]
    families: Option<Vec<FamilySection>>,
}

/// What counts as a use of an image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct References {
    /// Which versions of launch templates keep an image.
    launch_template_versions: Option<TemplateVersions>,
    /// `required`: an image that other accounts may launch stays while their use of it is not known, from a scan of all of them or from a
    /// usage report. `ignore`: the use by accounts that are not scanned does not matter.
    other_accounts: Option<OtherAccountsWord>,
    /// `keep`: an image stays as long as one does that was made from it. `ignore`: it is judged for itself.
    ancestors: Option<AncestorsWord>,
    /// What becomes of an image when something that may use it could not be read: it stays.
    unreadable: Option<UnreadableWord>,
    /// Sources that the account does not use, so that they need not be read.
    not_used: Option<Vec<SourceWord>>,
}

/// Which versions of launch templates keep an image.
#[derive(JsonSchema)]
#[serde(untagged)]
enum TemplateVersions {
    Word(TemplateVersionsWord),
    Newest(NewestVersions),
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TemplateVersionsWord {
    /// Every version.
    All,
    /// The default and the newest version.
    DefaultAndLatest,
}

/// The default version and this many of the newest.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NewestVersions {
    #[schemars(range(min = 1, max = 10000))]
    newest: u32,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OtherAccountsWord {
    Required,
    Ignore,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AncestorsWord {
    Keep,
    Ignore,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum UnreadableWord {
    Block,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SourceWord {
    ImageUsage,
    ImageReferences,
    Instances,
    InstanceImageMetadata,
    RootVolumeReplacements,
    LaunchTemplates,
    LaunchConfigurations,
    AutoScalingGroups,
    InstanceRefreshes,
    WarmPools,
    Ec2Fleets,
    SpotFleets,
    SpotRequests,
    FastLaunch,
    ImageTasks,
}

/// What is never retired: exactly one of the keys.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Protect {
    /// Tags that must all be there, their values matched by globs. Snapshots with them stay too.
    tag: Option<BTreeMap<String, String>>,
    /// A glob over the name.
    name: Option<String>,
    /// An image id.
    image: Option<String>,
    /// An account id, in quotes.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account: Option<String>,
    /// A selector.
    #[serde(rename = "where")]
    selector: Option<SelectorSection>,
}

/// The caps of one plan.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct LimitsSection {
    /// Images that one plan may retire (100).
    max_actions: Option<u64>,
    /// Percentage of the inventory's images that one plan may retire (20).
    #[schemars(range(min = 0, max = 100))]
    max_percent: Option<f64>,
    /// Images that the inventory must hold at least (1).
    min_images: Option<u64>,
    /// How many times as many images a plan may retire as the last run that retired any did.
    #[schemars(range(min = 1))]
    max_jump: Option<u64>,
    /// Caps of each family.
    per_family: Option<CapsSection>,
    /// Caps of each account.
    per_account: Option<CapsSection>,
}

/// How much of a part of the inventory one plan may retire.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct CapsSection {
    /// Images.
    max_actions: Option<u64>,
    /// Percentage of the part's images.
    #[schemars(range(min = 0, max = 100))]
    max_percent: Option<f64>,
}

/// One window: these hours of these days, by the clocks of a time zone.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct WindowSection {
    /// `mon` to `sun`, or from one to another such as `mon-fri` (every day).
    days: Option<OneOrMore<DayText>>,
    /// Two times of day such as `09:00-17:30` (all day).
    #[schemars(regex(pattern = "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"))]
    hours: Option<String>,
    /// A time zone of the IANA database (UTC).
    time_zone: Option<String>,
}

#[derive(JsonSchema)]
#[serde(transparent)]
struct DayText(
    #[schemars(regex(pattern = "^(mon|tue|wed|thu|fri|sat|sun)( *- *(mon|tue|wed|thu|fri|sat|sun))?$"))] String,
);

/// Who is told before a stage.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NotifySection {
    /// How long before a stage, from `1h` to `90d`.
    before: DurationText,
    /// A tag: what images with the same value of it have to be told goes together.
    owner_tag: Option<String>,
    /// Where to.
    to: OneOrMore<NotifyTargetSection>,
}

/// Where notices go: exactly one of the keys.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct NotifyTargetSection {
    /// The ARN of a topic of SNS.
    #[schemars(regex(pattern = "^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$"))]
    sns: Option<String>,
    /// A URL that takes `{"text": …}` by POST, as Slack's incoming webhooks do, or the environment variable that holds it.
    webhook: Option<WebhookSection>,
    /// A file that each notice is added to, as a line of JSON.
    file: Option<String>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum WebhookSection {
    Url(
        #[schemars(regex(pattern = "^https?://"))]
        String,
    ),
    From(WebhookFrom),
}

/// The environment variable that holds a URL.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct WebhookFrom {
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    env: String,
}

/// One value or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

/// A whole number and h, d, w, mo (30 days) or y (365 days), such as `12h`, `30d` or `2w`.
#[derive(JsonSchema)]
#[serde(transparent)]
struct DurationText(#[schemars(regex(pattern = "^[0-9]+(h|d|w|mo|y)$"))] String);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::grammar::keys;

    #[test]
    fn the_schema_has_the_keys_of_the_grammar() {
        let schema = serde_json::to_value(policy_schema()).unwrap();
        let properties = |definition: &serde_json::Value| -> BTreeSet<String> {
            definition["properties"].as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(properties(&schema), keys::POLICY.iter().map(|key| (*key).to_owned()).collect());
        for (name, keys) in [
            ("References", keys::REFERENCES),
            ("NewestVersions", keys::NEWEST_VERSIONS),
            ("Protect", keys::PROTECT),
            ("CapsSection", keys::CAPS),
            ("WindowSection", keys::WINDOW),
            ("NotifySection", keys::NOTIFY),
            ("NotifyTargetSection", keys::NOTIFY_TARGET),
            ("WebhookFrom", keys::WEBHOOK),
            ("SelectorSection", keys::SELECTOR),
            ("NewestSection", keys::NEWEST),
            ("ChannelsSection", keys::CHANNELS),
            ("LimitsSection", keys::LIMITS),
            ("ScheduleSection", keys::SCHEDULE),
            ("ScheduledInstances", keys::SCHEDULED_INSTANCES),
            ("CopySection", keys::COPY_TO),
            ("FamilySection", keys::FAMILY),
            ("MatchSection", keys::MATCH),
            ("KeepSection", keys::KEEP),
            ("CalendarSection", keys::CALENDAR),
            ("StageConditions", keys::STAGES),
            ("DeprecateConditions", keys::DEPRECATE),
            ("DisableConditions", keys::DISABLE),
            ("DeregisterConditions", keys::DEREGISTER),
        ] {
            let definition = &schema["$defs"][name];
            assert_eq!(properties(definition), keys.iter().map(|key| (*key).to_owned()).collect(), "{name}");
            assert_eq!(definition["additionalProperties"], false, "{name}");
        }
    }
}
