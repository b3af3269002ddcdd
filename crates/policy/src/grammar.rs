//! The grammar of policy files: a tree of YAML nodes becomes a [`Policy`], or every error in it.

mod family;
mod fixture;
mod fixture_images;
mod keep;
mod limits;
mod notify;
mod reader;
mod retire;
mod schedules;
mod selector;
mod windows;

use std::num::NonZeroU32;

use amictl_model::Source;

use crate::error::{PolicyErrors, SourceFile};
use crate::node::{self, Node};
use crate::policy::{Ancestors, LaunchTemplateVersions, OtherAccounts, Policy, ReferenceRules};
use crate::protect::ProtectRule;
use crate::schedules::Schedule;
use reader::Reader;

/// The keys of each mapping, which the JSON Schema is tested against.
pub(crate) mod keys {
    pub(crate) const POLICY: &[&str] =
        &["version", "references", "protect", "limits", "windows", "approvals", "notify", "schedules", "families"];
    pub(crate) const REFERENCES: &[&str] =
        &["launch_template_versions", "other_accounts", "ancestors", "unreadable", "not_used"];
    pub(crate) const NEWEST_VERSIONS: &[&str] = &["newest"];
    pub(crate) const PROTECT: &[&str] = &["tag", "name", "image", "account", "where"];
    pub(crate) const LIMITS: &[&str] =
        &["max_actions", "max_percent", "min_images", "max_jump", "per_family", "per_account"];
    pub(crate) const CAPS: &[&str] = &["max_actions", "max_percent"];
    pub(crate) const WINDOW: &[&str] = &["days", "hours", "time_zone"];
    pub(crate) const NOTIFY: &[&str] = &["before", "owner_tag", "to"];
    pub(crate) const NOTIFY_TARGET: &[&str] = &["sns", "webhook", "file"];
    pub(crate) const WEBHOOK: &[&str] = &["env"];
    pub(crate) const SCHEDULE: &[&str] = &[
        "name",
        "instances",
        "every",
        "at",
        "cron",
        "time_zone",
        "reboot",
        "image",
        "tags",
        "deprecate_after",
        "share_with",
        "copy_to",
        "keep",
    ];
    pub(crate) const SCHEDULED_INSTANCES: &[&str] = &["tags"];
    pub(crate) const COPY_TO: &[&str] = &["region", "encrypted", "kms_key", "deprecate_after", "keep"];
    pub(crate) const FAMILY: &[&str] = &["name", "match", "group_by", "version", "keep", "retire"];
    pub(crate) const MATCH: &[&str] = &["name", "tags", "image_builder_recipe", "dlm_policy", "where"];
    pub(crate) const SELECTOR: &[&str] = &[
        "all",
        "any",
        "not",
        "name",
        "tags",
        "state",
        "older_than",
        "younger_than",
        "architecture",
        "platform",
        "region",
        "account",
        "public",
        "shared",
        "deprecated",
        "encrypted",
        "min_size_gib",
        "max_size_gib",
        "source",
    ];
    pub(crate) const KEEP: &[&str] = &["newest", "younger_than", "launched_within", "calendar", "versions", "channels"];
    pub(crate) const NEWEST: &[&str] = &["count", "in"];
    pub(crate) const CHANNELS: &[&str] = &["parameters", "previous"];
    pub(crate) const CALENDAR: &[&str] = &["daily", "weekly", "monthly", "yearly"];
    pub(crate) const TESTS: &[&str] = &["policy", "now", "tests"];
    pub(crate) const TEST: &[&str] = &["name", "now", "inventory", "images", "unread", "expect"];
    pub(crate) const EXPECTATION: &[&str] = &["verdict", "because", "family"];
    pub(crate) const TEST_IMAGE: &[&str] = &[
        "id",
        "name",
        "account",
        "region",
        "age",
        "launched",
        "deprecated",
        "state",
        "tags",
        "architecture",
        "platform",
        "source",
        "public",
        "shared_with",
        "protected",
        "encrypted",
        "size_gib",
        "used_by",
        "parameters",
    ];
    pub(crate) const STAGES: &[&str] = &["deprecate", "disable", "archive_snapshots", "deregister"];
    pub(crate) const DEPRECATE: &[&str] = &["after"];
    pub(crate) const DISABLE: &[&str] = &["after"];
    pub(crate) const ARCHIVE_SNAPSHOTS: &[&str] = &["after"];
    pub(crate) const DEREGISTER: &[&str] = &["after", "snapshots", "require_recycle_bin"];
}

/// The most families, rules and entries of any list.
pub(crate) const LIST_ITEMS_MAX: usize = 1000;
/// More people than this do not look at one plan.
const APPROVALS_MAX: u64 = 100;

impl Policy {
    /// Reads a policy file's text; `file_name` is shown in errors.
    ///
    /// # Errors
    /// Everything that is wrong in it at once; text that is not YAML gives the one error that YAML stops at.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyErrors> {
        let file = SourceFile::new(file_name, text);
        let mut reader = Reader::new(file);
        let policy = match node::parse(reader.file()) {
            Ok(root) => policy(&mut reader, &root),
            Err(error) => {
                reader.push(error);
                None
            }
        };
        reader.finish(policy)
    }
}

fn policy(reader: &mut Reader, root: &Node) -> Option<Policy> {
    let fields = reader.fields(root, "a policy", keys::POLICY)?;
    if let Some(version) = reader.required(&fields, "version") {
        version_one(reader, version);
    }
    let references = references(reader, fields.get("references"));
    let protect = fields.get("protect").map_or_else(Vec::new, |node| {
        reader.list(node, "protect").iter().filter_map(|item| protect_rule(reader, item)).collect()
    });
    let limits = limits::limits(reader, fields.get("limits"));
    let windows = windows::windows(reader, fields.get("windows"));
    let approvals = fields.get("approvals").and_then(|node| reader.whole_number(node, "approvals", 0..=APPROVALS_MAX));
    let notify = fields.get("notify").and_then(|node| notify::notify(reader, node));
    let schedules = schedules::schedules(reader, fields.get("schedules"));
    // A policy that only makes images retires what it made.
    let only_makes = fields.get("schedules").is_some();
    let node = if only_makes { fields.get("families") } else { reader.required(&fields, "families") };
    let of_file = node.map_or_else(Vec::new, |node| family::families(reader, node, &references));
    let families = schedules.iter().flat_map(Schedule::families).chain(of_file).collect();
    Some(Policy {
        references,
        protect,
        limits,
        windows,
        approvals: approvals.and_then(|number| u32::try_from(number).ok()).and_then(NonZeroU32::new),
        notify,
        schedules,
        families,
        takes_bundles: false,
        file: reader.file().clone(),
    })
}

fn version_one(reader: &mut Reader, node: &Node) {
    match reader.whole_number(node, "version", 0..=u64::from(u32::MAX)) {
        None | Some(1) => {}
        Some(other) => {
            reader.error(node.spot, format!("policy version {other} is not one that this amictl reads"), "1");
        }
    }
}

fn references(reader: &mut Reader, node: Option<&Node>) -> ReferenceRules {
    let mut rules = ReferenceRules {
        launch_template_versions: LaunchTemplateVersions::All,
        other_accounts: OtherAccounts::Required,
        ancestors: Ancestors::Ignore,
        not_used: Vec::new(),
    };
    let Some(fields) = node.and_then(|node| reader.fields(node, "`references`", keys::REFERENCES)) else {
        return rules;
    };
    if let Some(node) = fields.get("launch_template_versions") {
        rules.launch_template_versions = launch_template_versions(reader, node);
    }
    if let Some(node) = fields.get("other_accounts")
        && reader.word(node, "other_accounts", &["required", "ignore"]) == Some("ignore")
    {
        rules.other_accounts = OtherAccounts::Ignore;
    }
    if let Some(node) = fields.get("ancestors")
        && reader.word(node, "ancestors", &["keep", "ignore"]) == Some("keep")
    {
        rules.ancestors = Ancestors::Keep;
    }
    if let Some(node) = fields.get("unreadable") {
        reader.word(node, "unreadable", &["block"]);
    }
    if let Some(node) = fields.get("not_used") {
        let names = Source::ALL.iter().filter(|source| source.may_be_not_used()).map(|source| source.as_str());
        let names: Vec<&str> = names.collect();
        for item in reader.list(node, "not_used") {
            let Some(source) = reader.word(item, "not_used", &names).and_then(|name| name.parse().ok()) else {
                continue;
            };
            if rules.not_used.contains(&source) {
                reader.error(item.spot, format!("`{source}` stands in the list twice"), "each source once");
            } else {
                rules.not_used.push(source);
            }
        }
    }
    rules
}

fn launch_template_versions(reader: &mut Reader, node: &Node) -> LaunchTemplateVersions {
    const WORDS: &[&str] = &["all", "default_and_latest"];
    if node.is_map() {
        let fields = reader.fields(node, "`launch_template_versions`", keys::NEWEST_VERSIONS);
        let newest = fields.and_then(|fields| reader.required(&fields, "newest"));
        let newest = newest.and_then(|node| reader.whole_number(node, "newest", 1..=10_000));
        return newest
            .and_then(|newest| u32::try_from(newest).ok())
            .map_or(LaunchTemplateVersions::All, LaunchTemplateVersions::Newest);
    }
    match reader.word_or(node, "launch_template_versions", WORDS, ", {newest: N}") {
        Some("default_and_latest") => LaunchTemplateVersions::DefaultAndLatest,
        _ => LaunchTemplateVersions::All,
    }
}

fn protect_rule(reader: &mut Reader, node: &Node) -> Option<ProtectRule> {
    let fields = reader.fields(node, "an entry of `protect`", keys::PROTECT)?;
    let (key, value) = reader.only_entry(&fields, node, "an entry of `protect`", keys::PROTECT)?;
    match key {
        "tag" => reader.tag_globs(value, "tag").map(ProtectRule::Tag),
        "name" => reader.glob(value, "name").map(ProtectRule::Name),
        "image" => reader.id(value, "image", "an image id such as `ami-0123456789abcdef0`").map(ProtectRule::Image),
        "where" => selector::selector(reader, value, "`where`").map(ProtectRule::Where),
        _ => reader.id(value, "account", "an account id of twelve digits, in quotes").map(ProtectRule::Account),
    }
}
