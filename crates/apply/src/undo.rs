//! Takes back what a run did and can be taken back: images that it disabled are enabled, with their launch permissions; deprecations and the
//! tags of stages are as they were.

use std::collections::HashMap;

use amictl_model::{Image, ImageId, ImageState};
use amictl_plan::{Action, Plan, Step};
use serde::Serialize;

use crate::context::{Halt, Permits, RegionWork, RunTools};
use crate::event::{Event, StepResult};
use crate::looker::Looker;
use crate::replay::{CallState, StepState};
use crate::{returning, staging};

/// What can be done about a step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Takeback {
    /// The image can be enabled, with its launch permissions.
    Enable,
    /// Its deprecation can be put back as it was.
    Undeprecate,
    /// The tags of its stage can be put back as they were.
    Untag,
    /// It cannot be taken back, and why.
    Impossible(String),
}

/// One step of a run that did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UndoItem {
    /// The step.
    pub step: String,
    /// The image.
    pub image: ImageId,
    /// What can be done.
    pub takeback: Takeback,
}

/// What undoing this run would take back, and what cannot be; steps that left their image as it was are not listed.
#[must_use]
pub fn undo_items(plan: &Plan, states: &HashMap<String, StepState>) -> Vec<UndoItem> {
    plan.steps
        .iter()
        .filter_map(|step| {
            let takeback = takeback(step.action, states.get(step.id.as_str())?)?;
            Some(UndoItem { step: step.id.to_string(), image: step.target.clone(), takeback })
        })
        .collect()
}

fn takeback(action: Action, state: &StepState) -> Option<Takeback> {
    let recorded = state.recorded.as_ref()?;
    if state.deregister == CallState::Done {
        return Some(Takeback::Impossible("it is deregistered; its record is in the journal".to_owned()));
    }
    if action == Action::Leave {
        let why = "it was given back; a later plan stages it anew when nothing keeps it any more";
        return state.may_have_changed().then(|| Takeback::Impossible(why.to_owned()));
    }
    let given_back = matches!(state.result, Some(StepResult::Returned { .. }));
    let disabled_by_run = recorded.state != ImageState::Disabled && state.disable.may_have_happened();
    match () {
        () if disabled_by_run && !given_back => Some(Takeback::Enable),
        () if state.deprecate.may_have_happened() => Some(Takeback::Undeprecate),
        () if state.tag.may_have_happened() => Some(Takeback::Untag),
        () => None,
    }
}

/// How undoing went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoEnd {
    /// What came of each step that was tried.
    pub results: Vec<(UndoItem, StepResult)>,
    /// Why it stopped before the end, if it did.
    pub stopped_by: Option<String>,
}

/// Takes back these steps, journaling into a journal of its own.
pub async fn undo(
    tools: RunTools<'_>,
    plan: &Plan,
    states: &HashMap<String, StepState>,
    items: &[UndoItem],
) -> UndoEnd {
    let mut end = UndoEnd { results: Vec::new(), stopped_by: None };
    let steps: HashMap<&str, &Step> = plan.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let permits = Permits::new(1);
    for item in items {
        let (Some(step), Some(state)) = (steps.get(item.step.as_str()), states.get(&item.step)) else { continue };
        let result = match &item.takeback {
            Takeback::Impossible(why) => Ok(StepResult::Failed { why: why.clone(), left: "deregistered".to_owned() }),
            Takeback::Enable | Takeback::Undeprecate | Takeback::Untag => {
                let Some(cloud) = tools.clouds.of(step.account) else {
                    let why = format!("there are no credentials for account {}", step.account);
                    let result = StepResult::Failed { why, left: "disabled".to_owned() };
                    end.results.push((item.clone(), result));
                    continue;
                };
                let looker = Looker::new(cloud, &step.region);
                let work = RegionWork {
                    tools,
                    cloud,
                    region: &step.region,
                    looker: &looker,
                    recovery: None,
                    permits: &permits,
                };
                tokio::select! {
                    result = take_back(&work, step, state, &item.takeback) => result,
                    () = looker.drive() => continue,
                }
            }
        };
        match result {
            Ok(result) => end.results.push((item.clone(), result)),
            Err(halt) => {
                end.stopped_by = Some(match halt {
                    Halt::Interrupted => "interrupted".to_owned(),
                    Halt::Journal(error) => error.to_string(),
                    Halt::Credentials(error) => error.to_string(),
                    Halt::NoAccount(why) => why,
                });
                break;
            }
        }
    }
    end
}

async fn take_back(
    work: &RegionWork<'_>,
    step: &Step,
    state: &StepState,
    takeback: &Takeback,
) -> Result<StepResult, Halt> {
    work.check_stop()?;
    let Some(recorded) = &state.recorded else {
        return Ok(StepResult::Skipped { why: "nothing was done to it".to_owned() });
    };
    work.journal(Event::Recorded { step: step.id.to_string(), image: recorded.clone() }).await?;
    if state.tag.may_have_happened()
        && let Some(why) = staging::moved_on(work, step, recorded).await?
    {
        let result = StepResult::Failed { why, left: "unchanged".to_owned() };
        work.journal(Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
        return Ok(result);
    }
    let result = match takeback {
        Takeback::Undeprecate => staging::undeprecate(work, &step.id, recorded).await?,
        Takeback::Untag => staging::untag(work, &step.id, recorded, "taken back".to_owned()).await?,
        Takeback::Enable | Takeback::Impossible(_) => enable(work, step, recorded).await?,
    };
    // The tags of the stage that it was disabled for.
    let result = match result {
        StepResult::Returned { why } if state.tag.may_have_happened() && *takeback == Takeback::Enable => {
            staging::untag(work, &step.id, recorded, why).await?
        }
        result => result,
    };
    work.journal(Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
    Ok(result)
}

async fn enable(work: &RegionWork<'_>, step: &Step, recorded: &Image) -> Result<StepResult, Halt> {
    Ok(match work.looker.look(&step.target).await {
        Ok(Some(image)) if image.state == ImageState::Disabled => {
            returning::enable_again(work, &step.id, recorded, "taken back".to_owned()).await?
        }
        Ok(Some(image)) if image.state == ImageState::Available => {
            returning::share_again(work, &step.id, recorded, "it was enabled already".to_owned()).await?
        }
        Ok(Some(image)) => StepResult::Failed {
            why: format!("its state is {}", image.state.as_str()),
            left: image.state.as_str().to_owned(),
        },
        Ok(None) => StepResult::Failed { why: "it is gone".to_owned(), left: "gone".to_owned() },
        Err(error) => StepResult::Failed { why: error.to_string(), left: "unknown".to_owned() },
    })
}
