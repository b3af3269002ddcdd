//! What owners are told.

use amictl_model::{Inventory, Moment};
use amictl_policy::{Policy, UpcomingStage, upcoming_stages};
use amictl_report::{
    Format, NoticeForm, NoticeOutcome, NoticeRow, NoticeText, NoticesReport, Output, Style, notice_line, notice_texts,
    notices, webhook_document,
};
use amictl_testkit::{NOW, image, in_scope, inventory_of};

const PLAIN: NoticeForm = NoticeForm::Plain { bytes_max: 250 << 10 };
const SLACK: NoticeForm = NoticeForm::Slack { bytes_max: 30_000 };
const HOSTILE: &str = "<!channel> `*x*` \u{1b}[2J\u{202e}&é";

fn policy(protect: &str) -> Policy {
    let text = format!(
        "version: 1\n{protect}notify: {{before: 7d, owner_tag: Owner, to: {{file: out}}}}\nfamilies:\n  - {{name: web, match: {{name: \"*\"}}, keep: {{newest: 0}}, retire: [{{disable: {{after: 3d}}}}, {{deregister: {{after: 6d}}}}]}}\n"
    );
    Policy::parse(&text, "p").unwrap()
}

fn inventory(images: usize) -> Inventory {
    let image = |at: usize| {
        let mut image = image(&format!("ami-{at:05}"), &format!("web-{at}"), 300);
        image.tags = match at % 3 {
            0 => [("Owner", "team-a")].into_iter().collect(),
            1 => [("Owner", HOSTILE)].into_iter().collect(),
            _ => std::iter::empty::<(&str, &str)>().collect(),
        };
        image
    };
    inventory_of([in_scope((0..images).map(image), [])])
}

fn now() -> Moment {
    Moment::from_secs(NOW)
}

fn stages(policy: &Policy, inventory: &Inventory) -> Vec<UpcomingStage> {
    upcoming_stages(policy, policy.notify.as_ref().unwrap(), inventory, now())
}

fn texts(images: usize, protect: &str, form: NoticeForm) -> Vec<NoticeText> {
    let (policy, inventory) = (policy(protect), inventory(images));
    let stages = stages(&policy, &inventory);
    notice_texts(&policy, policy.notify.as_ref().unwrap(), &inventory, &stages, now(), form)
}

#[test]
fn each_owner_is_told_what_when_and_how_to_object() {
    let all: Vec<String> = [PLAIN, SLACK]
        .into_iter()
        .flat_map(|form| texts(4, "", form))
        .map(|message| format!("{:?}\n{}\n{}", message.owner, message.subject, message.text))
        .collect();
    insta::assert_snapshot!(all.join("\n----\n"));
}

#[test]
fn the_tag_that_keeps_for_ever_is_told_only_where_the_policy_minds_it() {
    for (protect, is_told) in [
        ("", false),
        ("protect: [{tag: {\"amictl:keep\": \"*\"}}]\n", true),
        ("protect: [{tag: {\"amictl:keep\": \"no*\"}}]\n", false),
        ("protect: [{tag: {\"amictl:keep\": \"*\", env: prod}}]\n", false),
    ] {
        let message = &texts(1, protect, PLAIN)[0];
        assert_eq!(message.text.contains("amictl:keep = yes"), is_told, "{protect}");
    }
}

#[test]
fn subjects_are_short_ascii() {
    for message in texts(6, "", PLAIN) {
        let subject = &message.subject;
        assert!(subject.len() < 100 && subject.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{subject}");
    }
}

#[test]
fn what_is_too_long_for_one_message_becomes_several_that_miss_nothing() {
    for (form, bytes_max) in
        [(NoticeForm::Plain { bytes_max: 2000 }, 2000), (NoticeForm::Slack { bytes_max: 3000 }, 3000)]
    {
        let messages = texts(300, "", form);
        let owners = messages.iter().filter(|message| message.subject.contains("(1/")).count();
        assert_eq!(owners, 3);
        assert!(messages.len() > 12);
        let mut told = 0;
        for message in &messages {
            assert!(message.text.len() <= bytes_max, "{} bytes", message.text.len());
            assert!(message.text.contains("To object") && message.text.contains("(part "));
            told += message.about.len();
            let inventory = inventory(300);
            for stage in &message.about {
                let image = &inventory.scopes[0].images[stage.image as usize];
                assert!(message.text.contains(image.id.as_str()), "{}", image.id);
            }
        }
        assert_eq!(told, 600, "two stages of each image");
    }
}

#[test]
fn lines_and_documents_hold_what_was_said() {
    let inventory = inventory(2);
    for message in texts(2, "", SLACK) {
        let (mut line, mut document) = (String::new(), String::new());
        notice_line(&mut line, &inventory, &message, now()).unwrap();
        webhook_document(&mut document, &message).unwrap();
        for text in [&line, &document] {
            assert_eq!(text.lines().count(), 1);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["owner"].as_str(), message.owner.as_deref());
        assert_eq!(line["stages"].as_array().unwrap().len(), message.about.len());
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document, serde_json::json!({ "text": message.text }));
    }
}

#[test]
fn what_came_of_telling_is_shown_in_every_form() {
    let (policy, inventory) = (policy(""), inventory(2));
    let stages = stages(&policy, &inventory);
    let row = |owner: &str, outcome| NoticeRow {
        target: "webhook of $HOOK_URL".into(),
        owner: Some(owner.into()),
        subject: "amictl: 1 AMI".into(),
        about: stages[..1].to_vec(),
        outcome,
    };
    let messages =
        [row("team-a", NoticeOutcome::Sent), row(HOSTILE, NoticeOutcome::Failed("HTTP status 500\u{202e}".into()))];
    let report = NoticesReport {
        inventory: &inventory,
        now: now(),
        before: policy.notify.as_ref().unwrap().before,
        upcoming: stages.len(),
        told_before: 1,
        messages: &messages,
    };
    for format in [Format::Table, Format::Json, Format::Ndjson, Format::Csv, Format::Markdown] {
        let mut out = String::new();
        notices(&mut out, &report, Output { format, style: Style { width: 0, color: false } }).unwrap();
        assert!(!out.contains(['\u{1b}', '\u{202e}']) && out.contains("team-a") && out.contains("500"), "{out}");
        assert!(format != Format::Json || serde_json::from_str::<serde_json::Value>(&out).is_ok());
    }
}
