//! The `notify` of a policy.

use super::keys;
use super::reader::{Reader, shown};
use crate::Duration;
use crate::node::Node;
use crate::notify::{Notify, NotifyTarget, TopicArn, Webhook, WebhookUrl};

const BEFORE_ALLOWED: &str = "a duration from `1h` to `90d`";
/// EC2: `Key` of a tag, in characters.
const TAG_KEY_MAX: usize = 128;
const BEFORE_DAYS_MAX: u32 = 90;

const TOPIC_ALLOWED: &str = "the ARN of a standard topic, such as `arn:aws:sns:us-east-1:123456789012:amis`";
const WEBHOOK_ALLOWED: &str = "an http:// or https:// URL, or {env: VARIABLE} for one that the environment holds";
const FILE_ALLOWED: &str = "the path of a file";

pub(super) fn notify(reader: &mut Reader, node: &Node) -> Option<Notify> {
    let fields = reader.fields(node, "`notify`", keys::NOTIFY)?;
    let before = reader.required(&fields, "before").and_then(|node| before(reader, node));
    let owner_tag = fields.get("owner_tag").and_then(|node| tag_key(reader, node));
    let mut to: Vec<NotifyTarget> = Vec::new();
    if let Some(node) = reader.required(&fields, "to") {
        for item in reader.one_or_more(node, "to") {
            let Some(target) = target(reader, item) else { continue };
            if to.iter().any(|other| other.key() == target.key()) {
                reader.error(
                    item.spot,
                    format!("{} stands in the list twice", shown(&target.to_string())),
                    "each once",
                );
            } else {
                to.push(target);
            }
        }
    }
    Some(Notify { before: before?, owner_tag, to })
}

fn before(reader: &mut Reader, node: &Node) -> Option<Duration> {
    let before = reader.duration(node, "before")?;
    if before.as_secs() == 0 || before > Duration::days(BEFORE_DAYS_MAX) {
        reader.error(node.spot, format!("`before` cannot be {before}"), BEFORE_ALLOWED);
        return None;
    }
    Some(before)
}

fn tag_key(reader: &mut Reader, node: &Node) -> Option<Box<str>> {
    let allowed = "the key of a tag, such as `Owner`";
    let key = reader.text(node, "owner_tag", allowed)?;
    if key.is_empty() || key.chars().count() > TAG_KEY_MAX {
        reader.error(node.spot, format!("`owner_tag` cannot be `{}`", shown(key)), allowed);
        return None;
    }
    Some(key.into())
}

fn target(reader: &mut Reader, node: &Node) -> Option<NotifyTarget> {
    let fields = reader.fields(node, "an entry of `to`", keys::NOTIFY_TARGET)?;
    let (key, value) = reader.only_entry(&fields, node, "an entry of `to`", keys::NOTIFY_TARGET)?;
    match key {
        "sns" => {
            let text = reader.text(value, "sns", TOPIC_ALLOWED)?;
            let topic = TopicArn::parse(text);
            if topic.is_none() {
                reader.error(value.spot, format!("`sns` cannot be `{}`", shown(text)), TOPIC_ALLOWED);
            }
            topic.map(NotifyTarget::Sns)
        }
        "webhook" => webhook(reader, value).map(NotifyTarget::Webhook),
        _ => {
            let path = reader.text(value, "file", FILE_ALLOWED)?;
            if path.is_empty() {
                reader.error(value.spot, "`file` is empty", FILE_ALLOWED);
                return None;
            }
            Some(NotifyTarget::File(path.into()))
        }
    }
}

fn webhook(reader: &mut Reader, node: &Node) -> Option<Webhook> {
    if !node.is_map() {
        let url = WebhookUrl::parse(reader.text(node, "webhook", WEBHOOK_ALLOWED)?);
        if url.is_none() {
            reader.error(node.spot, "`webhook` is no such URL", WEBHOOK_ALLOWED);
        }
        return url.map(Webhook::Url);
    }
    let allowed = "the name of an environment variable, such as `SLACK_WEBHOOK_URL`";
    let fields = reader.fields(node, "`webhook`", keys::WEBHOOK)?;
    let name = reader.required(&fields, "env")?;
    let text = reader.text(name, "env", allowed)?;
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    if !is_name {
        reader.error(name.spot, format!("`env` cannot be `{}`", shown(text)), allowed);
    }
    is_name.then(|| Webhook::Env(text.into()))
}
