//! The targets of notices, each with its way to take a message.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use amictl_aws::{AwsCloud, Connection, WebhookClient};
use amictl_cloud::Call;
use amictl_cloud::ops::{Publish, PublishRequest};
use amictl_model::{Inventory, Moment};
use amictl_policy::{NotifyTarget, TopicArn, Webhook, WebhookUrl};
use amictl_report::{NoticeForm, NoticeText, notice_line, webhook_document};

use crate::args::Global;
use crate::session::settings;

/// SNS takes 256 KiB for a message with all that belongs to it.
const TOPIC_BYTES_MAX: usize = 250 << 10;
/// Slack cuts a text after 40,000 characters.
const WEBHOOK_BYTES_MAX: usize = 30_000;
/// A line of a file may be as long as anybody cares to read.
const FILE_BYTES_MAX: usize = 1 << 20;

/// How messages for this target are written.
pub(super) fn form(target: &NotifyTarget) -> NoticeForm {
    match target {
        NotifyTarget::Sns(_) => NoticeForm::Plain { bytes_max: TOPIC_BYTES_MAX },
        NotifyTarget::Webhook(_) => NoticeForm::Slack { bytes_max: WEBHOOK_BYTES_MAX },
        NotifyTarget::File(_) => NoticeForm::Plain { bytes_max: FILE_BYTES_MAX },
    }
}

/// A target that is ready to take messages.
pub(super) enum Sender<'a> {
    Topic { cloud: Box<AwsCloud>, topic: &'a TopicArn },
    Webhook { client: WebhookClient, url: WebhookUrl },
    File { path: &'a Path, inventory: &'a Inventory },
}

impl<'a> Sender<'a> {
    /// Makes it ready; why it cannot be.
    pub(super) async fn open(
        target: &'a NotifyTarget,
        global: &Global,
        inventory: &'a Inventory,
    ) -> Result<Self, String> {
        match target {
            NotifyTarget::Sns(topic) => {
                let connection = Connection::open(settings(global)).await.map_err(|error| error.to_string())?;
                Ok(Self::Topic { cloud: Box::new(connection.cloud()), topic })
            }
            NotifyTarget::Webhook(webhook) => Ok(Self::Webhook { client: WebhookClient::new(), url: url(webhook)? }),
            NotifyTarget::File(path) => Ok(Self::File { path: Path::new(&**path), inventory }),
        }
    }

    /// Sends a message; why it was not taken, as far as is known.
    pub(super) async fn send(&self, message: &NoticeText, now: Moment) -> Result<(), String> {
        const MAY_HAVE_ARRIVED: &str = "it may have arrived all the same, and will be sent again";
        match self {
            Self::Topic { cloud, topic } => {
                let request = PublishRequest {
                    topic_arn: topic.as_str().to_owned(),
                    subject: message.subject.clone(),
                    message: message.text.clone(),
                };
                Call::<Publish>::call(&**cloud, topic.region(), request).await.map_err(|error| {
                    if error.class.may_have_happened() {
                        format!("{error}; {MAY_HAVE_ARRIVED}")
                    } else {
                        error.to_string()
                    }
                })
            }
            Self::Webhook { client, url } => {
                let mut document = String::new();
                webhook_document(&mut document, message).map_err(|error| error.to_string())?;
                client.post_json(url.secret(), document.trim_end()).await.map_err(|error| {
                    if error.may_have_arrived { format!("{error}; {MAY_HAVE_ARRIVED}") } else { error.to_string() }
                })
            }
            Self::File { path, inventory } => {
                let mut line = String::new();
                notice_line(&mut line, inventory, message, now).map_err(|error| error.to_string())?;
                append(path, &line).map_err(|error| error.to_string())
            }
        }
    }
}

fn url(webhook: &Webhook) -> Result<WebhookUrl, String> {
    match webhook {
        Webhook::Url(url) => Ok(url.clone()),
        Webhook::Env(name) => {
            let text = std::env::var(&**name).map_err(|_| format!("the environment variable {name} is not set"))?;
            let problem = || format!("the environment variable {name} holds no http:// or https:// URL");
            WebhookUrl::parse(text.trim()).ok_or_else(problem)
        }
    }
}

/// Adds a line durably, on a line of its own even where an earlier one was cut off.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let mut bytes = Vec::with_capacity(line.len() + 1);
    if file.seek(SeekFrom::End(0))? > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            bytes.push(b'\n');
        }
    }
    bytes.extend_from_slice(line.as_bytes());
    file.write_all(&bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_alone_also_after_one_that_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notices.ndjson");
        append(&path, "{\"a\":1}\n").unwrap();
        append(&path, "{\"b\":2}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"b\":2}\n");
        std::fs::write(&path, "{\"a\":").unwrap();
        append(&path, "{\"b\":2}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":\n{\"b\":2}\n");
        assert!(append(&folder.path().join("nowhere/notices"), "x").is_err());
    }
}
