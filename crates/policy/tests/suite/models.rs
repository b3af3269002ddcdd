//! The rules about time, against models that are slow and obviously right.

use std::collections::{BTreeMap, BTreeSet};

use amictl_model::{Image, ImageState, Inventory, Moment, Tags};
use amictl_policy::{Decision, NextStage, POLICY_TAG, Policy, SINCE_TAG, STAGE_TAG, Stage, judge, next_stage};
use amictl_testkit::{NOW, image, in_scope, inventory_of};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn policy(head: &str, family: &str) -> Policy {
    let text = format!("version: 1\n{head}\nfamilies:\n  - {{name: web, match: {{name: \"*\"}}, {family}}}\n");
    Policy::parse(&text, "test").unwrap()
}

/// What slot of this kind a moment lies in, so that later slots compare greater.
fn slot(kind: &str, moment: Moment) -> (i64, i64) {
    let date = moment.to_timestamp().to_zoned(TimeZone::UTC).date();
    match kind {
        "daily" => (i64::from(date.year()), i64::from(date.day_of_year())),
        "weekly" => {
            let week = date.iso_week_date();
            (i64::from(week.year()), i64::from(week.week()))
        }
        "monthly" => (i64::from(date.year()), i64::from(date.month())),
        _ => (i64::from(date.year()), 0),
    }
}

/// The ids that a calendar keeps: of the last so many slots that have an image, the newest image of each.
fn kept_by_calendar(images: &[Image], counts: &[(&str, usize)]) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    for (kind, count) in counts {
        let mut slots: BTreeMap<(i64, i64), Vec<&Image>> = BTreeMap::new();
        for image in images {
            slots.entry(slot(kind, image.created_at.unwrap())).or_default().push(image);
        }
        for (_, mut images) in slots.into_iter().rev().take(*count) {
            images.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
            kept.insert(images[0].id.to_string());
        }
    }
    kept
}

fn kept(policy: &Policy, inventory: &Inventory, now: Moment) -> BTreeSet<String> {
    let verdicts = judge(policy, inventory, now);
    let kept = verdicts.iter().filter(|verdict| verdict.decision == Decision::Keep);
    let id = |scope: u32, image: u32| inventory.scopes[scope as usize].images[image as usize].id.to_string();
    kept.map(|verdict| id(verdict.scope, verdict.image)).collect()
}

const REGIONS: [&str; 3] = ["ap-south-1", "eu-west-1", "us-east-1"];

/// Versions in Regions: of each its number, whether it is there, and its age in days.
fn over_regions(there: &[(bool, i64)]) -> Inventory {
    let scopes = REGIONS.iter().enumerate().map(|(at, region)| {
        let images = there.iter().enumerate().filter(|(number, (is_there, _))| number % 3 == at && *is_there);
        let images = images
            .map(|(number, (_, age))| image(&format!("ami-{at}{number:02}"), &format!("web-{}", number / 3), *age));
        let mut scope = in_scope(images.collect::<Vec<_>>(), []);
        scope.scope.region = region.parse().unwrap();
        scope
    });
    inventory_of(scopes.collect::<Vec<_>>())
}

/// The ids that stay: those of versions before which fewer than `newest` complete ones come.
fn kept_over_regions(inventory: &Inventory, newest: usize) -> BTreeSet<String> {
    let mut versions: BTreeMap<&str, (Moment, BTreeSet<usize>)> = BTreeMap::new();
    for (at, scope) in inventory.scopes.iter().enumerate() {
        for image in &scope.images {
            let created_at = image.created_at.unwrap();
            let (first, regions) = versions.entry(&image.name).or_insert((created_at, BTreeSet::new()));
            *first = created_at.min(*first);
            regions.insert(at);
        }
    }
    let regions = inventory.scopes.iter().filter(|scope| !scope.images.is_empty()).count();
    let comes_before = |a: (&str, Moment), b: (&str, Moment)| a.1 > b.1 || (a.1 == b.1 && a.0 < b.0);
    let stays = |name: &str| {
        let of = (name, versions[name].0);
        let before = versions
            .iter()
            .filter(|(other, (first, there))| there.len() == regions && comes_before((other, *first), of));
        before.count() < newest
    };
    let images = inventory.scopes.iter().flat_map(|scope| &scope.images);
    images.filter(|image| stays(&image.name)).map(|image| image.id.to_string()).collect()
}

/// An image on its way through stages, without tags: how many stages are behind it, and since which day.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    New,
    Waiting { done: usize, since: i64 },
}

const STAGES: [Stage; 4] = Stage::ALL;

/// What a run on this day does to it: the stage that is carried out, if one is.
fn step(way: &mut Way, waits: &[(Stage, i64)], day: i64) -> Option<Stage> {
    let (done, since) = match *way {
        Way::New if waits[0].1 > 0 => {
            *way = Way::Waiting { done: 0, since: day };
            return None;
        }
        Way::New => (0, day),
        Way::Waiting { done, since } => (done, since),
    };
    let before = if done == 0 { 0 } else { waits[done - 1].1 };
    if day - since < waits[done].1 - before {
        return None;
    }
    *way = Way::Waiting { done: done + 1, since: day };
    Some(waits[done].0)
}

/// What a run does by the tags of the image, which it changes as `apply` would.
fn run(policy: &Policy, image: &mut Image, day: i64) -> Option<Stage> {
    let now = Moment::from_secs(NOW + day * DAY);
    let (tag, stage) = match next_stage(&policy.families[0], image, now) {
        NextStage::Mark { .. } => ("marked", None),
        NextStage::Go(stage) => (stage.as_str(), Some(stage)),
        NextStage::Wait { due, .. } => {
            assert!(due > now);
            return None;
        }
        other => panic!("{other:?}"),
    };
    match stage {
        Some(Stage::Deprecate) => image.deprecation_at = Some(now),
        Some(Stage::Disable) => image.state = ImageState::Disabled,
        _ => {}
    }
    let since = now.to_string();
    image.tags = Tags::from_iter([(STAGE_TAG, tag), (SINCE_TAG, since.as_str()), (POLICY_TAG, "web")]);
    stage
}

fn is_open(windows: &[(u8, u8, u16, u16)], zone: &TimeZone, now: Moment) -> bool {
    let local = now.to_timestamp().to_zoned(zone.clone()).datetime();
    let midnight = |date: Date| DateTime::from_parts(date, Time::midnight());
    windows.iter().any(|(from_day, to_day, from, to)| {
        let is_day = |date: Date| {
            let day = date.weekday().to_monday_zero_offset();
            let mut days = vec![*from_day as i8];
            while *days.last().unwrap() != *to_day as i8 {
                days.push((days.last().unwrap() + 1) % 7);
            }
            days.contains(&day)
        };
        [local.date(), local.date().yesterday().unwrap()].into_iter().filter(|date| is_day(*date)).any(|date| {
            let start = midnight(date) + i64::from(*from).minutes();
            let end =
                if to > from { midnight(date) } else { midnight(date.tomorrow().unwrap()) } + i64::from(*to).minutes();
            start <= local && local < end
        })
    })
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"];

proptest! {
    #[test]
    fn calendars_keep_what_the_model_keeps(
        hours in prop::collection::vec(0..20_000_i64, 0..30),
        daily in 0..5_usize, weekly in 0..5_usize, monthly in 0..5_usize, yearly in 0..3_usize,
    ) {
        let images: Vec<Image> = hours.iter().enumerate().map(|(number, hours)| {
            let created_at = Some(Moment::from_secs(NOW - hours * 3600));
            Image { created_at, ..image(&format!("ami-{number:02}"), "web", 0) }
        }).collect();
        let calendar = format!("{{daily: {daily}, weekly: {weekly}, monthly: {monthly}, yearly: {yearly}}}");
        let policy = policy("", &format!("keep: {{calendar: {calendar}}}, retire: [deregister]"));
        let counts = [("daily", daily), ("weekly", weekly), ("monthly", monthly), ("yearly", yearly)];
        let expected = kept_by_calendar(&images, &counts);
        prop_assert_eq!(kept(&policy, &inventory_of([in_scope(images, [])]), Moment::from_secs(NOW)), expected);
    }

    #[test]
    fn versions_are_counted_over_regions_as_the_model_counts(
        there in prop::collection::vec((prop::bool::weighted(0.8), 1..200_i64), 0..21), newest in 1..4_usize,
    ) {
        let inventory = over_regions(&there);
        let policy = policy("", &format!("keep: {{newest: {{count: {newest}, in: all_regions}}}}, retire: [deregister]"));
        prop_assert_eq!(kept(&policy, &inventory, Moment::from_secs(NOW)), kept_over_regions(&inventory, newest));
    }

    #[test]
    fn stages_come_as_the_model_says_and_never_too_early(
        chosen in 1..16_u8, waits in prop::array::uniform4(0..20_i64), gaps in prop::collection::vec(1..30_i64, 1..40),
    ) {
        // Snapshots are archived of disabled images only.
        prop_assume!(chosen & 4 == 0 || chosen & 2 != 0);
        let mut waits = waits;
        waits.sort_unstable();
        let chosen = STAGES.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, stage)| *stage);
        let waits: Vec<(Stage, i64)> = chosen.zip(waits).collect();
        let retire: Vec<String> = waits.iter().map(|(stage, after)| format!("{}: {{after: {after}d}}", stage.as_str())).collect();
        let retire: Vec<String> = retire.iter().map(|stage| format!("{{{stage}}}")).collect();
        let policy = policy("", &format!("keep: {{newest: 0}}, retire: [{}]", retire.join(", ")));
        let (mut way, mut subject, mut day) = (Way::New, image("ami-a", "web", 400), 0);
        let mut reached: Vec<(Stage, i64)> = Vec::new();
        let first_seen = day;
        for gap in gaps {
            if reached.len() == waits.len() {
                break;
            }
            let expected = step(&mut way, &waits, day);
            let verdict = judge(&policy, &inventory_of([in_scope([subject.clone()], [])]), Moment::from_secs(NOW + day * DAY)).remove(0);
            let judged = match verdict.decision {
                Decision::Retire(stage) => Some(stage),
                _ => None,
            };
            prop_assert_eq!(judged, expected);
            prop_assert_eq!(run(&policy, &mut subject, day), expected);
            reached.extend(expected.map(|stage| (stage, day)));
            day += gap;
        }
        // However late the runs are, each wait is kept, from the first sight and between stages.
        for (at, (stage, day)) in reached.iter().enumerate() {
            prop_assert_eq!(*stage, waits[at].0);
            let (before, since) = if at == 0 { (0, first_seen) } else { (waits[at - 1].1, reached[at - 1].1) };
            prop_assert!(day - since >= waits[at].1 - before);
        }
    }

    #[test]
    fn windows_open_as_the_model_says(
        windows in prop::collection::vec((0..7_u8, 0..7_u8, 0..1440_u16, 1..=1440_u16), 1..4), zone in 0..5_usize, minutes in 0..1_100_000_i64,
    ) {
        let windows: Vec<_> = windows.into_iter().filter(|(_, _, from, to)| from != to).collect();
        prop_assume!(!windows.is_empty());
        let name = ZONES[zone];
        let entries: Vec<String> = windows.iter().map(|(from_day, to_day, from, to)| {
            let days = format!("{}-{}", DAYS[*from_day as usize], DAYS[*to_day as usize]);
            format!("{{days: {days}, hours: \"{:02}:{:02}-{:02}:{:02}\", time_zone: {name}}}", from / 60, from % 60, to / 60, to % 60)
        }).collect();
        let policy = policy(&format!("windows: [{}]", entries.join(", ")), "keep: {newest: 0}, retire: [disable]");
        let zone = TimeZone::get(name).unwrap();
        let now = Moment::from_secs(NOW + minutes * 60 + 17);
        prop_assert_eq!(policy.windows.may_act(now), is_open(&windows, &zone, now));
        let opening = policy.windows.next_opening(now);
        if let Some(opening) = opening {
            prop_assert!(opening >= now && is_open(&windows, &zone, opening));
            prop_assert!(opening == now || !is_open(&windows, &zone, opening.plus_secs(-1)));
        }
    }
}

#[test]
fn the_days_of_the_model_begin_on_monday() {
    assert_eq!(Weekday::Monday.to_monday_zero_offset(), 0);
}
