//! Notices of stages to come: what owners are told, and what came of telling them.

mod report;
mod text;

pub use report::{NoticeOutcome, NoticeRow, NoticesReport, notices};
pub use text::{NoticeForm, NoticeText, notice_texts};

use std::fmt;

use amictl_model::{AccountId, Inventory, Moment, Region};
use amictl_policy::UpcomingStage;
use serde::Serialize;

use crate::{ReportError, sink};

/// A stage that comes, with its image.
#[derive(Serialize)]
struct StageRow<'a> {
    image_id: &'a str,
    name: &'a str,
    account: AccountId,
    region: &'a Region,
    stage: &'static str,
    not_before: Moment,
    family: Option<&'a str>,
}

impl<'a> StageRow<'a> {
    fn of(inventory: &'a Inventory, upcoming: &'a UpcomingStage) -> Option<Self> {
        let scope = inventory.scopes.get(upcoming.scope as usize)?;
        let image = scope.images.get(upcoming.image as usize)?;
        Some(Self {
            image_id: image.id.as_str(),
            name: &image.name,
            account: scope.scope.account,
            region: &scope.scope.region,
            stage: upcoming.stage.as_str(),
            not_before: upcoming.not_before,
            family: upcoming.family.as_deref(),
        })
    }

    fn all(inventory: &'a Inventory, stages: &'a [UpcomingStage]) -> Vec<Self> {
        stages.iter().filter_map(|upcoming| Self::of(inventory, upcoming)).collect()
    }
}

/// Writes a message as a line of JSON, for a file of notices.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn notice_line(
    out: &mut dyn fmt::Write,
    inventory: &Inventory,
    message: &NoticeText,
    sent_at: Moment,
) -> Result<(), ReportError> {
    #[derive(Serialize)]
    struct Line<'a> {
        sent_at: Moment,
        owner: Option<&'a str>,
        subject: &'a str,
        text: &'a str,
        stages: Vec<StageRow<'a>>,
    }
    let line = Line {
        sent_at,
        owner: message.owner.as_deref(),
        subject: &message.subject,
        text: &message.text,
        stages: StageRow::all(inventory, &message.about),
    };
    sink::write_json_line(out, &line)
}

/// The document that Slack's incoming webhooks, and those of others that do as Slack does, take: `{"text": …}`.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn webhook_document(out: &mut dyn fmt::Write, message: &NoticeText) -> Result<(), ReportError> {
    #[derive(Serialize)]
    struct Document<'a> {
        text: &'a str,
    }
    sink::write_json_line(out, &Document { text: &message.text })
}
