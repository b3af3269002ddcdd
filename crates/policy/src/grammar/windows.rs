//! The `windows` of a policy.

use jiff::tz::TimeZone;

use super::keys;
use super::reader::{Reader, nearest, shown};
use crate::error::Located;
use crate::node::{Node, Value};
use crate::windows::{DAYS, Hours, Window, Windows, zone, zone_names};

const ZONE_ALLOWED: &str = "a time zone of the IANA database, such as `Europe/Berlin` or `UTC`";
const HOURS_ALLOWED: &str =
    "two times of day, such as `09:00-17:30`; `22:00-06:00` ends on the next day, and a day ends at 24:00";
const DAYS_ALLOWED: &str = "`mon` to `sun`, alone or from one to another such as `mon-fri`";

pub(super) fn windows(reader: &mut Reader, node: Option<&Node>) -> Windows {
    let Some(node) = node else { return Windows::default() };
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.error(node.spot, "`windows` is empty", "one window or more; any time is right without `windows`");
    }
    Windows(reader.list(node, "windows").iter().filter_map(|item| window(reader, item)).collect())
}

fn window(reader: &mut Reader, node: &Node) -> Option<Window> {
    let fields = reader.fields(node, "a window", keys::WINDOW)?;
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        reader.error(node.spot, "a window says nothing", "`days`, `hours`, `time_zone`");
    }
    Some(Window {
        days: fields.get("days").map_or([true; 7], |node| days(reader, node)),
        hours: fields.get("hours").and_then(|node| hours(reader, node)).unwrap_or(Hours::ALL),
        zone: fields.get("time_zone").and_then(|node| time_zone(reader, node)).unwrap_or(TimeZone::UTC),
    })
}

fn days(reader: &mut Reader, node: &Node) -> [bool; 7] {
    let mut days = [false; 7];
    for item in reader.one_or_more(node, "days") {
        let Some(text) = reader.text(item, "days", DAYS_ALLOWED) else { continue };
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let number = |name: &str| DAYS.iter().position(|day| *day == name.trim());
        let (Some(from), Some(to)) = (number(from), number(to)) else {
            let suggestion = nearest_days(text);
            let message = format!("`days` cannot hold `{}`", shown(text));
            reader.push(Located::error(reader.file(), item.spot, message).allowed(DAYS_ALLOWED).suggestion(suggestion));
            continue;
        };
        // From Friday to Monday is over the end of the week.
        let mut day = from;
        loop {
            days[day] = true;
            if day == to {
                break;
            }
            day = (day + 1) % DAYS.len();
        }
    }
    days
}

/// What `Monday` or `Mon - Fri` probably means.
fn nearest_days(text: &str) -> Option<String> {
    let one = |name: &str| {
        let name = name.trim().to_lowercase();
        DAYS.iter().find(|day| name.starts_with(**day)).copied()
    };
    match text.split_once('-') {
        Some((from, to)) => Some(format!("{}-{}", one(from)?, one(to)?)),
        None => one(text).map(str::to_owned),
    }
}

fn hours(reader: &mut Reader, node: &Node) -> Option<Hours> {
    let text = reader.text(node, "hours", HOURS_ALLOWED)?;
    let hours = Hours::parse(text);
    if hours.is_none() {
        reader.error(node.spot, format!("`hours` cannot be `{}`", shown(text)), HOURS_ALLOWED);
    }
    hours
}

pub(super) fn time_zone(reader: &mut Reader, node: &Node) -> Option<TimeZone> {
    let text = reader.text(node, "time_zone", ZONE_ALLOWED)?;
    let found = zone(text);
    if found.is_none() {
        let names = zone_names();
        let suggestion = nearest(text, names.iter().map(String::as_str));
        let message = format!("there is no time zone `{}`", shown(text));
        reader.push(Located::error(reader.file(), node.spot, message).allowed(ZONE_ALLOWED).suggestion(suggestion));
    }
    found
}
