//! Who is told before a stage (`notify`).

use std::fmt;

use amictl_model::{AccountId, Region};
use sha2::Digest as _;

use crate::Duration;

/// Who is told before a stage, and how long before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// How long before a stage.
    pub before: Duration,
    /// The tag whose value tells who owns an image: what each owner has to be told goes together.
    pub owner_tag: Option<Box<str>>,
    /// Where to; never empty, each once.
    pub to: Vec<NotifyTarget>,
}

/// Where notices go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotifyTarget {
    /// A topic of SNS.
    Sns(TopicArn),
    /// A URL that takes `{"text": …}`, as Slack's incoming webhooks do.
    Webhook(Webhook),
    /// A file that each notice is added to, as a line of JSON.
    File(Box<str>),
}

/// The ARN of a topic of SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn {
    arn: Box<str>,
    region: Region,
}

/// Where the URL of a webhook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Webhook {
    /// In the policy.
    Url(WebhookUrl),
    /// In an environment variable: whoever has the URL can post, so it is a secret.
    Env(Box<str>),
}

/// The URL of a webhook, which is not shown: whoever has it can post.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Box<str>);

/// A URL is no longer than this.
const URL_CHARS_MAX: usize = 2048;

impl TopicArn {
    /// The topic of this ARN, if it is one that a message can be published to without more.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "sns", region, account, name] = parts[..] else { return None };
        let is_name = (1..=256).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        account.parse::<AccountId>().ok()?;
        let region = region.parse().ok()?;
        (partition.starts_with("aws") && is_name).then(|| Self { arn: text.into(), region })
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The Region that it names.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }
}

impl WebhookUrl {
    /// The URL of this text, if it is one with `http` or `https` and a host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_plain = text.len() <= URL_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        // What stands before an @ would be a password, which no webhook asks for.
        let is_host = !host.is_empty() && !host.contains('@');
        (matches!(scheme, "http" | "https") && is_plain && is_host).then(|| Self(text.into()))
    }

    /// The whole URL: a secret.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The host, which is none.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/…)", self.host())
    }
}

impl NotifyTarget {
    /// What the target is known by from run to run, without a secret: what was sent to it is remembered under this.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Sns(topic) => format!("sns {}", topic.as_str()),
            Self::Webhook(Webhook::Env(name)) => format!("webhook env {name}"),
            Self::Webhook(Webhook::Url(url)) => {
                let hash = sha2::Sha256::digest(url.secret().as_bytes());
                let mut key = String::from("webhook sha256 ");
                for byte in hash {
                    key.push_str(&format!("{byte:02x}"));
                }
                key
            }
            Self::File(path) => format!("file {path}"),
        }
    }
}

/// What the target is called to people, without a secret.
impl fmt::Display for NotifyTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sns(topic) => write!(f, "topic {}", topic.as_str()),
            Self::Webhook(Webhook::Env(name)) => write!(f, "webhook of ${name}"),
            Self::Webhook(Webhook::Url(url)) => write!(f, "webhook at {}", url.host()),
            Self::File(path) => write!(f, "file {path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_topics_that_take_a_message_are_topics() {
        let topic = TopicArn::parse("arn:aws-cn:sns:cn-north-1:123456789012:amis_old-1").unwrap();
        assert_eq!(topic.region().as_str(), "cn-north-1");
        for text in [
            "",
            "amis",
            "arn:aws:sqs:us-east-1:123456789012:amis",
            "arn:aws:sns:us-east-1:12345:amis",
            "arn:aws:sns::123456789012:amis",
            "arn:aws:sns:us-east-1:123456789012:",
            // A message to a FIFO topic needs a group.
            "arn:aws:sns:us-east-1:123456789012:amis.fifo",
            "arn:aws:sns:us-east-1:123456789012:amis:0f0e",
        ] {
            assert_eq!(TopicArn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_url_of_a_webhook_is_shown_nowhere() {
        let url = WebhookUrl::parse("https://hooks.example:8443/services/T0/B0/secret?x=1").unwrap();
        assert_eq!(url.host(), "hooks.example:8443");
        let target = NotifyTarget::Webhook(Webhook::Url(url));
        for shown in [target.to_string(), format!("{target:?}"), target.key()] {
            assert!(!shown.contains("secret") && !shown.contains("T0"), "{shown}");
        }
        for text in [
            "",
            "hooks.example",
            "ftp://hooks.example/x",
            "https://",
            "https://a b/",
            "https://me:x@host/",
            "https:///x",
        ] {
            assert_eq!(WebhookUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_target_has_its_own_key() {
        let url = |text| NotifyTarget::Webhook(Webhook::Url(WebhookUrl::parse(text).unwrap()));
        let targets = [
            url("https://hooks.example/a"),
            url("https://hooks.example/b"),
            NotifyTarget::Webhook(Webhook::Env("HOOK".into())),
            NotifyTarget::File("HOOK".into()),
            NotifyTarget::Sns(TopicArn::parse("arn:aws:sns:us-east-1:123456789012:HOOK").unwrap()),
        ];
        let mut keys: Vec<String> = targets.iter().map(NotifyTarget::key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), targets.len());
    }
}
