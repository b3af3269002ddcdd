//! The `schedules` of a policy.

use std::sync::Arc;

use amictl_model::Region;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::reader::{Reader, shown};
use super::{family, keep, keys, windows};
use crate::Glob;
use crate::node::{Node, Value};
use crate::schedules::{CopyTarget, INSTANCE_TAG, SCHEDULE_TAG, SLOT_TAG, Schedule, Template, Times};

const EVERY_ALLOWED: &str = "1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h";
const AT_ALLOWED: &str = "a time of day, such as `03:00`";
const CRON_ALLOWED: &str =
    "five fields: minute, hour, day of the month, month, day of the week, such as `0 3 * * mon-fri`";
const TEMPLATE_ALLOWED: &str = "a text in which `{schedule}`, `{instance}`, `{name}` and `{time}` may stand";
const IMAGE_DEFAULT: &str = "{schedule}-{instance}-{time}";
const REGION_ALLOWED: &str = "a Region such as `eu-west-1`";
const ACCOUNT_ALLOWED: &str = "an account id of twelve digits, in quotes";
/// EC2: `Key` of a tag, in characters.
const TAG_KEY_MAX: usize = 128;

pub(super) fn schedules(reader: &mut Reader, node: Option<&Node>) -> Vec<Schedule> {
    let Some(node) = node else { return Vec::new() };
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.error(node.spot, "`schedules` is empty", "one schedule or more, or no `schedules`");
    }
    let mut schedules: Vec<Schedule> = Vec::new();
    for item in reader.list(node, "schedules") {
        let Some(schedule) = schedule(reader, item) else { continue };
        if schedules.iter().any(|other| other.name == schedule.name) {
            let message = format!("a schedule `{}` stands in the list already", shown(&schedule.name));
            reader.error(schedule.spot, message, "a name for each schedule");
        }
        schedules.push(schedule);
    }
    schedules
}

/// Reads every part even when one is wrong, so that all errors of a schedule are seen.
fn schedule(reader: &mut Reader, node: &Node) -> Option<Schedule> {
    let fields = reader.fields(node, "a schedule", keys::SCHEDULE)?;
    let name_node = reader.required(&fields, "name");
    let name: Option<Arc<str>> = name_node.and_then(|node| family::family_name(reader, node));
    let instances = reader.required(&fields, "instances").and_then(|node| instances(reader, node));
    let zone = match fields.get("time_zone") {
        Some(node) => windows::time_zone(reader, node),
        None => Some(TimeZone::UTC),
    };
    let times = match (fields.get("every"), fields.get("cron")) {
        (Some(every), None) => {
            let hours = hours(reader, every);
            let at = match fields.get("at") {
                Some(node) => time_of_day(reader, node),
                None => Some(Time::midnight()),
            };
            zone.and_then(|zone| Some(Times::Every { hours: hours?, at: at?, zone }))
        }
        (None, Some(cron)) => {
            if let Some(at) = fields.get("at") {
                reader.error(at.spot, "`at` stands beside `cron`, which says the time itself", "`at` with `every`");
            }
            zone.and_then(|zone| crontab(reader, cron, &zone))
        }
        _ => {
            reader.error(node.spot, "a schedule has one of `every` and `cron`", "`every` or `cron`");
            None
        }
    };
    let reboot = reader.required(&fields, "reboot").and_then(|node| reader.yes_or_no(node, "reboot"));
    let image = match fields.get("image") {
        Some(node) => image(reader, node),
        None => Template::parse(IMAGE_DEFAULT).ok(),
    };
    let tags = fields.get("tags").map_or_else(|| Some(Vec::new()), |node| tags(reader, node));
    let deprecate_after = fields.get("deprecate_after").and_then(|node| reader.duration(node, "deprecate_after"));
    let share_with = match fields.get("share_with") {
        Some(node) => reader.ids(node, "share_with", ACCOUNT_ALLOWED),
        None => Some(Vec::new()),
    };
    let copy_to = fields.get("copy_to").map_or_else(Vec::new, |node| copy_to(reader, node));
    let keep = fields.get("keep").and_then(|node| keep::keep(reader, node));
    Some(Schedule {
        name: name?,
        instances: instances?,
        times: times?,
        reboot: reboot?,
        image: image?,
        tags: tags?,
        deprecate_after,
        share_with: share_with?,
        copy_to,
        keep,
        spot: name_node?.spot,
    })
}

fn instances(reader: &mut Reader, node: &Node) -> Option<Vec<(Box<str>, Glob)>> {
    let fields = reader.fields(node, "`instances`", keys::SCHEDULED_INSTANCES)?;
    let tags = reader.required(&fields, "tags")?;
    reader.tag_globs(tags, "tags")
}

fn hours(reader: &mut Reader, node: &Node) -> Option<u8> {
    let every = reader.duration(node, "every")?;
    let hours = u8::try_from(every.as_secs() / 3600).ok().filter(|hours| [1, 2, 3, 4, 6, 8, 12, 24].contains(hours));
    let hours = hours.filter(|_| every.as_secs() % 3600 == 0);
    if hours.is_none() {
        reader.error(node.spot, format!("`every` cannot be {every}"), EVERY_ALLOWED);
    }
    hours
}

fn time_of_day(reader: &mut Reader, node: &Node) -> Option<Time> {
    let text = reader.text(node, "at", AT_ALLOWED)?;
    let two_digits = |text: &str| -> Option<i8> {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| text.parse().ok())?
    };
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)));
    let time = parts.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    if time.is_none() {
        reader.error(node.spot, format!("`at` cannot be `{}`", shown(text)), AT_ALLOWED);
    }
    time
}

fn crontab(reader: &mut Reader, node: &Node, zone: &TimeZone) -> Option<Times> {
    let text = reader.text(node, "cron", CRON_ALLOWED)?;
    // The time zone is said beside it, where its name is checked.
    let has_five = text.split_whitespace().count() == 5;
    let with_zone = format!("{text} {}", zone.iana_name().unwrap_or("UTC"));
    match cronexpr::parse_crontab(&with_zone) {
        Ok(crontab) if has_five => Some(Times::Cron(Box::new(crontab))),
        _ => {
            reader.error(node.spot, format!("`cron` cannot be `{}`", shown(text)), CRON_ALLOWED);
            None
        }
    }
}

fn template(reader: &mut Reader, node: &Node, what: &str) -> Option<Template> {
    let text = reader.text(node, what, TEMPLATE_ALLOWED)?;
    Template::parse(text)
        .map_err(|name| {
            let message = format!("`{what}` has `{{{}}}`, which stands for nothing", shown(&name));
            reader.error(node.spot, message, TEMPLATE_ALLOWED);
        })
        .ok()
}

fn image(reader: &mut Reader, node: &Node) -> Option<Template> {
    let template = template(reader, node, "image")?;
    if !template.is_unique() {
        let message = "images of different instances and times would have the same name, which EC2 refuses";
        reader.error(node.spot, message, "`{instance}` and `{time}` in it");
        return None;
    }
    Some(template)
}

fn tags(reader: &mut Reader, node: &Node) -> Option<Vec<(Box<str>, Template)>> {
    let Value::Map(entries) = &node.value else {
        reader.error(node.spot, format!("`tags` cannot be {}", node.value.kind()), "keys with texts");
        return None;
    };
    let mut tags = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let is_own = [SCHEDULE_TAG, INSTANCE_TAG, SLOT_TAG].contains(&&*key.name);
        if is_own || key.name.starts_with("aws:") || key.name.is_empty() || key.name.chars().count() > TAG_KEY_MAX {
            let allowed = "a key that neither amictl nor AWS uses, of 1 to 128 characters";
            reader.error(key.spot, format!("`{}` cannot be set", shown(&key.name)), allowed);
            continue;
        }
        if let Some(template) = template(reader, value, "tags") {
            tags.push((key.name.as_str().into(), template));
        }
    }
    Some(tags)
}

fn copy_to(reader: &mut Reader, node: &Node) -> Vec<CopyTarget> {
    let mut targets: Vec<CopyTarget> = Vec::new();
    for item in reader.one_or_more(node, "copy_to") {
        let Some(fields) = reader.fields(item, "an entry of `copy_to`", keys::COPY_TO) else { continue };
        let region = reader.required(&fields, "region").and_then(|node| reader.id(node, "region", REGION_ALLOWED));
        let encrypted = fields.get("encrypted").and_then(|node| reader.yes_or_no(node, "encrypted"));
        let kms_key = fields.get("kms_key").and_then(|node| reader.text(node, "kms_key", "the id or ARN of a key"));
        let deprecate_after = fields.get("deprecate_after").and_then(|node| reader.duration(node, "deprecate_after"));
        let keep = fields.get("keep").and_then(|node| keep::keep(reader, node));
        let Some(region): Option<Region> = region else { continue };
        if targets.iter().any(|other| other.region == region) {
            reader.error(item.spot, format!("{region} stands in the list twice"), "each Region once");
        }
        let kms_key: Option<Box<str>> = kms_key.map(Into::into);
        let encrypted = encrypted.unwrap_or(kms_key.is_some());
        targets.push(CopyTarget { region, encrypted, kms_key, deprecate_after, keep });
    }
    targets
}
