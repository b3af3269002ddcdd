//! `approvals` and `notify` of a policy, and which stages come soon.

use amictl_model::{Image, Inventory, Moment};
use amictl_policy::{NotifyTarget, Policy, Stage, UpcomingStage, Webhook, upcoming_stages};
use amictl_testkit::{NOW, image, in_scope, instance, inventory_of};

const DAY: i64 = 86_400;
const STAGES: &str = "[{deprecate: {after: 2d}}, {disable: {after: 9d}}, {deregister: {after: 16d}}]";

fn text(more: &str, retire: &str) -> String {
    format!(
        "version: 1\n{more}families:\n  - {{name: web, match: {{name: \"web-*\"}}, keep: {{younger_than: 30d}}, retire: {retire}}}\n"
    )
}

fn notify(before: &str, to: &str) -> String {
    format!("notify:\n  before: {before}\n  owner_tag: Owner\n  to: {to}\n")
}

fn policy(before: &str, more: &str, retire: &str) -> Policy {
    Policy::parse(&text(&(notify(before, "[{file: out}]") + more), retire), "amictl.yaml").unwrap()
}

fn errors(more: &str) -> String {
    Policy::parse(&text(more, "[disable]"), "amictl.yaml").unwrap_err().to_string()
}

fn now() -> Moment {
    Moment::from_secs(NOW)
}

fn upcoming(policy: &Policy, inventory: &Inventory) -> Vec<UpcomingStage> {
    upcoming_stages(policy, policy.notify.as_ref().unwrap(), inventory, now())
}

/// Stages, and in how many hours they come.
fn in_hours(policy: &Policy, images: impl IntoIterator<Item = Image>) -> Vec<(Stage, i64)> {
    let found = upcoming(policy, &inventory_of([in_scope(images, [])]));
    found.iter().map(|stage| (stage.stage, stage.not_before.seconds_since(now()) / 3600)).collect()
}

#[test]
fn approvals_and_targets_are_read() {
    let to = "\n    - sns: arn:aws:sns:eu-west-1:123456789012:amis\n    - webhook: https://hooks.example/x\n    - webhook: {env: HOOK_URL}\n    - file: notices.ndjson";
    let policy = Policy::parse(&text(&format!("approvals: 2\n{}", notify("2w", to)), "[disable]"), "p").unwrap();
    assert_eq!(policy.approvals.map(std::num::NonZeroU32::get), Some(2));
    let notify = policy.notify.unwrap();
    assert_eq!((notify.before.as_secs(), notify.owner_tag.as_deref()), (14 * DAY, Some("Owner")));
    assert!(matches!(&notify.to[0], NotifyTarget::Sns(topic) if topic.region().as_str() == "eu-west-1"));
    assert!(
        matches!(&notify.to[1], NotifyTarget::Webhook(Webhook::Url(url)) if url.secret() == "https://hooks.example/x")
    );
    assert!(matches!(&notify.to[2], NotifyTarget::Webhook(Webhook::Env(name)) if &**name == "HOOK_URL"));
    assert_eq!(notify.to[3], NotifyTarget::File("notices.ndjson".into()));
    // One target needs no list, and no owner no tag.
    let one = Policy::parse(&text("notify: {before: 1h, to: {file: out}}\n", "[disable]"), "p").unwrap();
    assert_eq!(one.notify.unwrap().to.len(), 1);
    for none in ["", "approvals: 0\n"] {
        let policy = Policy::parse(&text(none, "[disable]"), "p").unwrap();
        assert!(policy.approvals.is_none() && policy.notify.is_none());
    }
}

#[test]
fn each_mistake_is_told_with_its_place() {
    for (more, place, part) in [
        ("approvals: two\n", "2:12", "`approvals`"),
        ("approvals: 101\n", "2:12", "from 0 to 100"),
        ("approval: 2\n", "2:1", "approvals"),
        ("notify: {before: 7d}\n", "2:10", "has no `to`"),
        ("notify: {to: {file: out}}\n", "2:10", "has no `before`"),
        ("notify: {before: 0d, to: {file: out}}\n", "2:18", "from `1h` to `90d`"),
        ("notify: {before: 91d, to: {file: out}}\n", "2:18", "from `1h` to `90d`"),
        ("notify: {before: 7d, to: []}\n", "2:26", "`to` is empty"),
        ("notify: {before: 7d, owner: a, to: {file: out}}\n", "2:22", "owner_tag"),
        ("notify: {before: 7d, owner_tag: \"\", to: {file: out}}\n", "2:33", "key of a tag"),
        ("notify: {before: 7d, to: {sns: amis}}\n", "2:32", "arn:aws:sns:us-east-1"),
        ("notify: {before: 7d, to: {webhook: {env: \"$X\"}}}\n", "2:42", "environment variable"),
        ("notify: {before: 7d, to: {webhook: hooks.example}}\n", "2:36", "no such URL"),
        ("notify: {before: 7d, to: {mail: me}}\n", "2:27", "`sns`, `webhook`, `file`"),
        ("notify: {before: 7d, to: [{file: out}, {file: out}]}\n", "2:40", "twice"),
        ("notify: {before: 7d, to: {file: out, sns: x}}\n", "2:38", "has 2 keys"),
    ] {
        let told = errors(more);
        assert!(told.contains(&format!("amictl.yaml:{place}")) && told.contains(part), "{more}{told}");
    }
}

#[test]
fn stages_are_told_when_they_come_within_the_time() {
    let old = || [image("ami-a", "web-1", 300)];
    assert_eq!(in_hours(&policy("1d", "", STAGES), old()), []);
    assert_eq!(in_hours(&policy("47h", "", STAGES), old()), []);
    assert_eq!(in_hours(&policy("48h", "", STAGES), old()), [(Stage::Deprecate, 48)]);
    assert_eq!(
        in_hours(&policy("16d", "", STAGES), old()),
        [(Stage::Deprecate, 48), (Stage::Disable, 9 * 24), (Stage::Deregister, 16 * 24)]
    );
    // What is due now is told too, and what is over is not.
    assert_eq!(in_hours(&policy("1d", "", "[disable]"), old()), [(Stage::Disable, 0)]);
    assert_eq!(in_hours(&policy("1d", "", "[disable]"), [image("ami-a", "db-1", 300)]), []);
}

#[test]
fn what_the_tags_tell_counts_to_the_hour() {
    let staged = |hours_ago: i64| {
        let since = now().plus_secs(-hours_ago * 3600);
        let mut image = image("ami-a", "web-1", 300);
        image.deprecation_at = Some(since);
        let tags = [("amictl:stage", "deprecate"), ("amictl:since", &since.to_string()), ("amictl:policy", "web")];
        image.tags = tags.into_iter().collect();
        [image]
    };
    for (hours_ago, hours) in [(0, 7 * 24), (5, 7 * 24 - 5), (7 * 24 - 1, 1), (8 * 24, 0)] {
        let found = in_hours(&policy("7d", "", STAGES), staged(hours_ago));
        assert_eq!(found.first(), Some(&(Stage::Disable, hours)), "{hours_ago}");
    }
}

#[test]
fn rules_that_end_in_time_and_windows_are_minded() {
    // It is young for two days more, and nothing says at which hour of the second it is not any more.
    assert_eq!(in_hours(&policy("3d", "", "[disable]"), [image("ami-a", "web-1", 28)]), [(Stage::Disable, 24)]);
    // It is a Saturday, half past nine.
    let windows = "windows: [{days: mon, time_zone: UTC}]\n";
    let found =
        upcoming(&policy("3d", windows, "[disable]"), &inventory_of([in_scope([image("ami-a", "web-1", 300)], [])]));
    assert_eq!(found.iter().map(|stage| stage.not_before.to_string()).collect::<Vec<_>>(), ["2026-11-23T00:00:00Z"]);
}

#[test]
fn owners_are_told_apart_and_used_images_are_nobodys_news() {
    let owned = |id: &str, owner: Option<&str>| {
        let mut image = image(id, &format!("web-{id}"), 300);
        image.tags = owner.into_iter().map(|owner| ("Owner", owner)).collect();
        image
    };
    let mut kept = owned("ami-d", Some("a"));
    kept.tags = [("Owner", "a"), ("amictl:keep-until", "2099-01-01")].into_iter().collect();
    let images =
        [owned("ami-a", Some("a")), owned("ami-b", None), owned("ami-c", Some("")), kept, owned("ami-e", Some("e"))];
    let inventory = inventory_of([in_scope(images, [instance("ami-e", "i-1")])]);
    let found = upcoming(&policy("3d", "", "[disable]"), &inventory);
    let told: Vec<(&str, Option<&str>)> = found
        .iter()
        .map(|stage| (inventory.scopes[0].images[stage.image as usize].id.as_str(), stage.owner.as_deref()))
        .collect();
    assert_eq!(told, [("ami-a", Some("a")), ("ami-b", None), ("ami-c", None)]);
    assert!(found.iter().all(|stage| stage.family.as_deref() == Some("web")));
}
