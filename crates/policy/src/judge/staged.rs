//! What is next for an image that nothing keeps, and whether one that is kept leaves the stages that it went through.

use amictl_model::{Image, Moment};

use super::words::Words;
use super::{Reasons, reason, say};
use crate::policy::{Family, Policy};
use crate::stages::{NextStage, next_stage, stage_record};
use crate::{Ladder, ReasonCode, Stage};

/// The stage that is due, or where the image stands without one; then the reason has been added.
pub(super) fn next(
    family: &Family,
    image: &Image,
    now: Moment,
    reasons: &mut Reasons,
    scratch: &mut String,
) -> Result<Stage, Ladder> {
    let (code, message, ladder) = match next_stage(family, image, now) {
        NextStage::Go(stage) => return Ok(stage),
        NextStage::Mark { stage, due } => {
            let message = format_args!("unused from now on: {} is due on {}", stage.as_str(), due.date());
            (ReasonCode::Waiting, say(scratch, message), Ladder::Mark)
        }
        NextStage::Wait { stage, due } => {
            let message = format_args!("unused: {} is due on {}", stage.as_str(), due.date());
            (ReasonCode::Waiting, say(scratch, message), Ladder::Wait)
        }
        NextStage::Done => {
            (ReasonCode::State, Words::new(scratch).text("all stages of its family are done").done(), Ladder::None)
        }
        NextStage::Unclear(why) => (ReasonCode::State, Words::new(scratch).text(why.as_str()).done(), Ladder::None),
    };
    reasons.push(reason(code, message));
    Err(ladder)
}

/// Whether an image that is kept leaves the stages: where its tags name a family of this policy. What another policy has staged is left alone.
pub(super) fn leaving(policy: &Policy, image: &Image) -> Ladder {
    match stage_record(&image.tags) {
        Ok(Some(record)) if policy.families.iter().any(|family| *family.name == *record.family) => Ladder::Leave,
        _ => Ladder::None,
    }
}
