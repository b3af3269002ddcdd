//! The stage that an image goes to, where stages are judged as if they were all carried out.

use amictl_model::{Image, Moment};

use super::words::Words;
use super::{Reasons, reason, say};
use crate::policy::Family;
use crate::stages::{NextStage, next_stage};
use crate::{ReasonCode, Stage};

/// The stage that is due; without one, the reason why none is has been added.
pub(super) fn stage(
    family: &Family,
    image: &Image,
    now: Moment,
    reasons: &mut Reasons,
    scratch: &mut String,
) -> Option<Stage> {
    let (code, message) = match next_stage(family, image, now) {
        NextStage::Go(stage) => return Some(stage),
        NextStage::Mark { stage, due } => {
            let message = format_args!("unused from now on: {} is due on {}", stage.as_str(), due.date());
            (ReasonCode::Waiting, say(scratch, message))
        }
        NextStage::Wait { stage, due } => {
            (ReasonCode::Waiting, say(scratch, format_args!("unused: {} is due on {}", stage.as_str(), due.date())))
        }
        NextStage::Done => (ReasonCode::State, Words::new(scratch).text("all stages of its family are done").done()),
        NextStage::Unclear(why) => (ReasonCode::State, Words::new(scratch).text(why.as_str()).done()),
    };
    reasons.push(reason(code, message));
    None
}
