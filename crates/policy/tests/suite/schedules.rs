//! Images made by the clock: when one is due, what it is called, and how it is kept.

use amictl_model::{Image, ImageState, Moment, Tags};
use amictl_policy::{Decision, INSTANCE_TAG, Policy, SCHEDULE_TAG, SLOT_TAG, Schedule, ScheduledInstance, judge};
use amictl_testkit::{NOW, image, in_scope, inventory_of};

const INSTANCE: &str = "i-0123456789abcdef0";

fn parse(schedule: &str) -> Result<Policy, String> {
    let text = format!("version: 1\nreferences: {{ other_accounts: ignore }}\nschedules:\n  - {schedule}\n");
    Policy::parse(&text, "test.yaml").map_err(|errors| errors.render(false))
}

fn schedule(more: &str) -> Schedule {
    let text = format!("{{ name: nightly, instances: {{ tags: {{ backup: \"night*\" }} }}, reboot: false, {more} }}");
    parse(&text).unwrap_or_else(|errors| panic!("{errors}")).schedules.remove(0)
}

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn last(more: &str, now: &str) -> Option<String> {
    schedule(more).times.last(at(now)).map(|slot| slot.to_string())
}

#[test]
fn the_last_time_of_a_schedule_is_not_after_now() {
    for (more, now, slot) in [
        ("every: 12h", "2026-11-22T11:59:59Z", "2026-11-22T00:00:00Z"),
        ("every: 12h", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
        ("every: 24h, at: \"03:00\"", "2026-11-22T02:59:00Z", "2026-11-21T03:00:00Z"),
        ("every: 8h, at: \"22:00\"", "2026-11-22T14:30:00Z", "2026-11-22T14:00:00Z"),
        // Winter in Berlin is an hour before UTC, summer two.
        ("every: 24h, at: \"03:00\", time_zone: Europe/Berlin", "2026-11-22T02:30:00Z", "2026-11-22T02:00:00Z"),
        ("every: 24h, at: \"03:00\", time_zone: Europe/Berlin", "2026-07-22T01:30:00Z", "2026-07-22T01:00:00Z"),
        ("cron: \"0 3 * * *\"", "2026-11-22T02:30:00Z", "2026-11-21T03:00:00Z"),
        ("cron: \"*/5 * * * *\"", "2026-11-22T02:33:10Z", "2026-11-22T02:30:00Z"),
        ("cron: \"0 3 * * mon\"", "2026-11-22T02:30:00Z", "2026-11-16T03:00:00Z"),
        ("cron: \"0 3 1 1 *\"", "2026-11-22T02:30:00Z", "2026-01-01T03:00:00Z"),
        ("cron: \"0 3 * * *\", time_zone: Europe/Berlin", "2026-11-22T02:30:00Z", "2026-11-22T02:00:00Z"),
    ] {
        assert_eq!(last(more, now).as_deref(), Some(slot), "{more} at {now}");
    }
}

fn instance<'a>(tags: &'a Tags, state: &'a str, launched: &str) -> ScheduledInstance<'a> {
    ScheduledInstance { id: INSTANCE, state, launched_at: Some(at(launched)), tags }
}

fn made(slot: &str, state: ImageState) -> Image {
    let tags = [(SCHEDULE_TAG, "nightly"), (INSTANCE_TAG, INSTANCE), (SLOT_TAG, slot)];
    Image { state, tags: tags.into_iter().collect(), ..image("ami-0123456789abcdef0", "made", 1) }
}

#[test]
fn an_image_is_due_once_for_the_latest_time_and_only_for_what_was_there_then() {
    let schedule = schedule("every: 24h, at: \"03:00\"");
    let tagged: Tags = [("backup", "nightly")].into_iter().collect();
    let now = at("2026-11-22T09:00:00Z");
    let due = |instance, images: &[Image]| schedule.due(&instance, images.iter(), now).map(|due| due.slot.to_string());
    let old = || instance(&tagged, "running", "2026-01-01T00:00:00Z");
    let slot = Some("2026-11-22T03:00:00Z".to_owned());
    assert_eq!(due(old(), &[]), slot);
    // However many were missed, one is made.
    assert_eq!(due(old(), &[made("2026-11-15T03:00:00Z", ImageState::Available)]), slot);
    for state in [ImageState::Pending, ImageState::Available, ImageState::Disabled] {
        assert_eq!(due(old(), &[made("2026-11-22T03:00:00Z", state)]), None, "{state:?}");
    }
    assert_eq!(due(old(), &[made("2026-11-22T03:00:00Z", ImageState::Failed)]), slot);
    // What somebody else wrote there is not believed to be a time.
    assert_eq!(due(old(), &[made("soon", ImageState::Available)]), slot);
    assert_eq!(due(instance(&tagged, "running", "2026-11-22T03:00:01Z"), &[]), None);
    assert_eq!(due(instance(&tagged, "stopped", "2026-01-01T00:00:00Z"), &[]), slot);
    assert_eq!(due(instance(&tagged, "terminated", "2026-01-01T00:00:00Z"), &[]), None);
    let other: Tags = [("backup", "weekly")].into_iter().collect();
    assert_eq!(due(instance(&other, "running", "2026-01-01T00:00:00Z"), &[]), None);
}

#[test]
fn names_and_tags_carry_instance_and_time_whatever_the_name_of_an_instance_is() {
    let schedule = schedule("every: 24h, image: \"{name} {instance} {time}\", tags: { of: \"{name}/{schedule}\" }");
    for name in ["web", "we\u{1b}[2Jb\n$(rm -rf /)", &"x".repeat(250)] {
        let tags: Tags = [("backup", "nightly"), ("Name", name)].into_iter().collect();
        let instance = instance(&tags, "running", "2026-01-01T00:00:00Z");
        let due = schedule.due(&instance, [].iter(), at("2026-11-22T09:00:00Z")).unwrap();
        assert!(
            due.name.len() <= 128 && due.name.contains(INSTANCE) && due.name.ends_with("20261122T000000Z"),
            "{due:?}"
        );
        assert!(due.name.chars().all(|c| c.is_ascii_alphanumeric() || " ()[]./-'@_".contains(c)), "{due:?}");
        assert_eq!(due.tags.get(SLOT_TAG), Some("2026-11-22T00:00:00Z"));
        assert!(due.tags.get("of").unwrap().chars().count() <= 256);
    }
}

#[test]
fn of_each_instance_the_newest_image_is_copied_where_it_is_not() {
    let schedule = schedule("every: 24h, copy_to: [{ region: eu-west-1 }]");
    let (older, newer) =
        (made("2026-11-20T00:00:00Z", ImageState::Available), made("2026-11-21T00:00:00Z", ImageState::Available));
    let pending = made("2026-11-22T00:00:00Z", ImageState::Pending);
    let here = [older.clone(), newer.clone(), pending];
    let due = |there: &[Image]| {
        schedule.copies_due(&here, there).iter().map(|image| &image.tags).cloned().collect::<Vec<_>>()
    };
    assert_eq!(due(&[]), std::slice::from_ref(&newer.tags));
    assert_eq!(due(std::slice::from_ref(&older)), std::slice::from_ref(&newer.tags));
    assert!(due(std::slice::from_ref(&newer)).is_empty());
}

#[test]
fn each_instance_keeps_its_own_newest_images() {
    let text =
        "{ name: nightly, instances: { tags: { backup: \"*\" } }, reboot: true, every: 24h, keep: { newest: 2 } }";
    let policy = parse(text).unwrap();
    let images = (1..=4).flat_map(|days| {
        [0, 1].map(|number| {
            let (instance, id) = (format!("i-{number:017x}"), format!("ami-{number:08x}{days:09x}"));
            let tags = [(SCHEDULE_TAG, "nightly"), (INSTANCE_TAG, &*instance)].into_iter().collect();
            Image { tags, ..image(&id, &id, days) }
        })
    });
    let other = image("ami-0fedcba9876543210", "by-hand", 400);
    let inventory = inventory_of(vec![in_scope(images.chain([other]), Vec::new())]);
    let verdicts = judge(&policy, &inventory, Moment::from_secs(NOW));
    let retired = verdicts.iter().filter(|verdict| matches!(verdict.decision, Decision::Retire(_))).count();
    assert_eq!((retired, verdicts.len()), (4, 9));
}

#[test]
fn errors_of_a_schedule_come_at_once() {
    let text = "{ name: a b, instances: { tags: {} }, every: 5h, at: \"25:00\", cron: \"61 * * * *\", image: \"{when}\",
      tags: { \"amictl:slot\": x, ok: \"{size}\" }, share_with: [12], copy_to: [{ region: eu-west-1 }, { region: eu-west-1 }] }";
    let errors = parse(text).unwrap_err();
    for part in [
        "cannot name a family",
        "`tags` names no tag",
        "one of `every` and `cron`",
        "`reboot`",
        "{when}",
        "cannot be set",
        "{size}",
        "`share_with` cannot be",
        "stands in the list twice",
    ] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    for (more, part) in [
        ("every: 5h", "`every` cannot be"),
        ("every: 24h, at: \"25:00\"", "`at` cannot be"),
        ("cron: \"61 * * * *\"", "`cron` cannot be"),
        ("cron: \"0 3 * * * UTC\"", "`cron` cannot be"),
        ("every: 24h, image: \"{time}\"", "the same name"),
        ("every: 24h, time_zone: Europe/Berlim", "Europe/Berlin"),
    ] {
        let text = format!("{{ name: nightly, instances: {{ tags: {{ a: b }} }}, reboot: false, {more} }}");
        let errors = parse(&text).unwrap_err();
        assert!(errors.contains(part), "{part}: {errors}");
    }
}
