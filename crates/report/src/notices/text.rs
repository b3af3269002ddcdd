//! The text of a notice: what happens to which image, when, and how to object.

use std::collections::{BTreeMap, BTreeSet};

use amictl_model::{Inventory, Moment};
use amictl_policy::{KEEP_UNTIL_TAG, Notify, Policy, ProtectRule, Stage, UpcomingStage};

use super::StageRow;
use crate::escape;
use crate::number::{date_time, len, plural};

/// How a message is written, and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeForm {
    /// Plain text, such as for mail.
    Plain {
        /// Bytes of a text, at most.
        bytes_max: usize,
    },
    /// Slack's `mrkdwn`.
    Slack {
        /// Bytes of a text, at most.
        bytes_max: usize,
    },
}

/// A message to one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeText {
    /// The value of the owner's tag; `None` for images without it, or where the policy names no such tag. Attacker-controlled text.
    pub owner: Option<Box<str>>,
    /// One line of printable ASCII, of fewer than 100 characters.
    pub subject: String,
    /// The text, with all that others chose escaped.
    pub text: String,
    /// What it tells of.
    pub about: Vec<UpcomingStage>,
}

/// SNS API Reference, `Publish`: the subject has fewer than 100 characters.
const SUBJECT_CHARS_MAX: usize = 99;
/// So much of an owner is in the subject.
const OWNER_IN_SUBJECT_MAX: usize = 40;
/// So much of an owner is in the text; the values of tags have up to 256 characters, and each may be escaped by ten.
const OWNER_IN_TEXT_MAX: usize = 256;
/// An example of how long an image may be kept.
const KEEP_DAYS: i64 = 90;
/// Room for `(part 12 of 34)`.
const PART_BYTES: usize = 40;

/// The messages for these stages: one for each owner, in the order of their values, and more where one is too long.
#[must_use]
pub fn notice_texts(
    policy: &Policy,
    notify: &Notify,
    inventory: &Inventory,
    stages: &[UpcomingStage],
    now: Moment,
    form: NoticeForm,
) -> Vec<NoticeText> {
    let mut by_owner: BTreeMap<Option<&str>, Vec<&UpcomingStage>> = BTreeMap::new();
    for stage in stages {
        by_owner.entry(stage.owner.as_deref()).or_default().push(stage);
    }
    let may_keep = protects_keep_tag(policy);
    let mut texts = Vec::new();
    for (owner, mut stages) in by_owner {
        stages.sort_by_key(|stage| (stage.stage, stage.not_before, stage.scope, stage.image));
        let writing = Writing { notify, inventory, owner, now, form, may_keep };
        let parts = writing.parts(&stages);
        let count = parts.len();
        texts.extend(parts.into_iter().enumerate().map(|(at, part)| writing.message(part, at + 1, count)));
    }
    texts
}

/// The tag `amictl:keep`, if the policy protects images that have it.
const KEEP_TAG: &str = "amictl:keep";

fn protects_keep_tag(policy: &Policy) -> bool {
    policy.protect.iter().any(|rule| match rule {
        ProtectRule::Tag(tags) => matches!(&**tags, [(key, glob)] if &**key == KEEP_TAG && glob.is_match("yes")),
        _ => false,
    })
}

/// What writing the messages to one owner needs at hand.
struct Writing<'a> {
    notify: &'a Notify,
    inventory: &'a Inventory,
    owner: Option<&'a str>,
    now: Moment,
    form: NoticeForm,
    may_keep: bool,
}

/// A part of what one owner is told.
struct Part<'a> {
    lines: String,
    stages: Vec<&'a UpcomingStage>,
}

impl Writing<'_> {
    /// The images in lines, cut where a message would be too long.
    fn parts<'s>(&self, stages: &[&'s UpcomingStage]) -> Vec<Part<'s>> {
        let (NoticeForm::Plain { bytes_max } | NoticeForm::Slack { bytes_max }) = self.form;
        // Beginning and end are about as long in each part.
        let frame = self.head(stages).len() + self.tail(stages).len() + PART_BYTES;
        let room = bytes_max.saturating_sub(frame);
        let mut parts: Vec<Part<'s>> = Vec::new();
        let mut last_heading = String::new();
        for stage in stages {
            let heading = self.heading(stage);
            let line = self.line(stage);
            let fits = |part: &Part<'_>| part.lines.len() + heading.len() + line.len() <= room;
            let is_new = !parts.last().is_some_and(fits);
            if is_new {
                parts.push(Part { lines: String::new(), stages: Vec::new() });
            }
            let Some(part) = parts.last_mut() else { continue };
            if is_new || heading != last_heading {
                part.lines.push_str(&heading);
            }
            part.lines.push_str(&line);
            part.stages.push(stage);
            last_heading = heading;
        }
        parts
    }

    fn message(&self, part: Part<'_>, number: usize, count: usize) -> NoticeText {
        let of = if count > 1 { format!("(part {number} of {count})\n") } else { String::new() };
        let text = format!("{}{of}{}{}", self.head(&part.stages), part.lines, self.tail(&part.stages));
        let about = part.stages.into_iter().cloned().collect::<Vec<_>>();
        NoticeText { owner: self.owner.map(Into::into), subject: self.subject(&about, number, count), text, about }
    }

    fn subject(&self, about: &[UpcomingStage], number: usize, count: usize) -> String {
        let first = about.iter().map(|stage| stage.not_before).min().unwrap_or(self.now);
        let images: BTreeSet<_> = about.iter().map(|stage| (stage.scope, stage.image)).collect();
        let amis = plural(len(images.len()), "AMI", "AMIs");
        let owner = self.owner.map_or_else(String::new, |owner| format!(" of {}", ascii(owner)));
        let of = if count > 1 { format!(" ({number}/{count})") } else { String::new() };
        let subject = format!("amictl: {amis}{owner} to be retired from {} on{of}", first.max(self.now).date());
        subject.chars().take(SUBJECT_CHARS_MAX).collect()
    }

    fn head(&self, stages: &[&UpcomingStage]) -> String {
        let amis = plural(len(stages.len()), "stage comes", "stages come");
        let whose = match (&self.notify.owner_tag, self.owner) {
            (Some(tag), Some(owner)) => {
                let owner: String = owner.chars().take(OWNER_IN_TEXT_MAX).collect();
                format!(" for AMIs with the tag {} = {}", self.quoted(tag), self.quoted(&owner))
            }
            (Some(tag), None) => format!(" for AMIs without the tag {}", self.quoted(tag)),
            (None, _) => " for AMIs".to_owned(),
        };
        format!("amictl: {amis} within {}{whose}, as nothing is known to use them.\n", self.notify.before)
    }

    /// What happens and when.
    fn heading(&self, stage: &UpcomingStage) -> String {
        let what = match stage.stage {
            Stage::Deprecate => "Deprecate (still there, and hidden from the lists of others)",
            Stage::Disable => "Disable (nothing can be launched from it any more)",
            Stage::ArchiveSnapshots => "Archive its snapshots (to enable it again takes up to 72 hours then)",
            Stage::Deregister => "Deregister (it goes)",
        };
        if stage.not_before <= self.now {
            format!("\n{what}, from now on:\n")
        } else {
            format!("\n{what}, not before {}:\n", date_time(stage.not_before))
        }
    }

    fn line(&self, stage: &UpcomingStage) -> String {
        let Some(row) = StageRow::of(self.inventory, stage) else { return String::new() };
        let name = self.quoted(row.name);
        let (bullet, id) = match self.form {
            NoticeForm::Plain { .. } => ("  ", row.image_id.to_owned()),
            NoticeForm::Slack { .. } => ("• ", escape::slack_code(row.image_id)),
        };
        format!("{bullet}{id} {name} in {}, account {}\n", row.region, row.account)
    }

    /// How to object.
    fn tail(&self, stages: &[&UpcomingStage]) -> String {
        let last = stages.iter().map(|stage| stage.not_before).max().unwrap_or(self.now).max(self.now);
        let until = last.plus_secs(KEEP_DAYS * 86_400).date();
        let row = stages.first().and_then(|stage| StageRow::of(self.inventory, stage));
        let command = row.map_or_else(String::new, |row| {
            let tag = format!("Key={KEEP_UNTIL_TAG},Value={until}");
            format!("aws ec2 create-tags --region {} --resources {} --tags {tag}", row.region, row.image_id)
        });
        let command = match self.form {
            NoticeForm::Plain { .. } => format!("  {command}\n"),
            NoticeForm::Slack { .. } => format!("{}\n", escape::slack_code(&command)),
        };
        let for_ever = if self.may_keep {
            format!("Tagged {} = {} it stays for ever. ", self.quoted(KEEP_TAG), self.quoted("yes"))
        } else {
            String::new()
        };
        format!(
            "\nTo object, tag the image before then with {} and the last day that it is needed:\n{command}{for_ever}\
             An image that is used stays by itself.\n",
            self.quoted(KEEP_UNTIL_TAG)
        )
    }

    /// What others may have chosen.
    fn quoted(&self, text: &str) -> String {
        match self.form {
            NoticeForm::Plain { .. } => escape::terminal(text).into_owned(),
            NoticeForm::Slack { .. } => escape::slack_code(text),
        }
    }
}

/// An owner in a subject, which is ASCII.
fn ascii(text: &str) -> String {
    let shown: String = text
        .chars()
        .take(OWNER_IN_SUBJECT_MAX)
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .collect();
    shown.trim().to_owned()
}
