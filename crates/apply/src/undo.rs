//! Takes back what a run did and can be taken back: images that it disabled are enabled, with their launch permissions; deregistered
//! ones come out of the Recycle Bin with their snapshots; deprecations and the tags of stages are as they were.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use amictl_cloud::{Cloud, Clouds};
use amictl_collect::HeldSnapshots;
use amictl_model::{AccountId, Image, ImageId, ImageState, Moment, Region, Scope, SnapshotId};
use amictl_plan::{Action, Plan, Step, Target};
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use serde::Serialize;

use crate::between::Between;
use crate::context::{Halt, Permits, RegionWork, RunTools, SEEN_AFTER};
use crate::event::{Event, JournalCall, StepResult};
use crate::leftovers::Leftovers;
use crate::looker::Looker;
use crate::replay::StepState;
use crate::restore::{self, Outlook, read_bin, read_volume_bin};
use crate::{archive, changes, out_of_archive, returning, staging};

/// What can be done about a step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Takeback {
    /// The image can be enabled, with its launch permissions.
    Enable,
    /// It is deregistered, or may be: if the Recycle Bin has it, it can be restored with its snapshots, and enabled as above.
    Restore {
        /// Until when; `None` where that has not been looked up, or AWS did not say.
        until: Option<Moment>,
    },
    /// Its deprecation can be put back as it was.
    Undeprecate,
    /// Its snapshots can be taken out of the archive, which takes up to 72 hours; AWS charges for 90 days in it all the same.
    RestoreTier {
        /// The snapshots that the run archived.
        snapshots: Vec<SnapshotId>,
    },
    /// The tags of its stage can be put back as they were.
    Untag,
    /// It can be disabled, as it was before.
    Disable,
    /// Its protection can be put back as it was.
    Protection,
    /// Whoever it was shared with can be sent away again, and whoever was sent away let in.
    Sharing,
    /// The image that was made can be disabled. It is not deleted: that takes a plan.
    DisableMade {
        /// The image that was made.
        image: ImageId,
    },
    /// The parameter can name again what it named before.
    Publish {
        /// The parameter.
        parameter: String,
        /// What it named.
        value: String,
    },
    /// It is deleted, or may be: if the Recycle Bin has it, it can be restored.
    RestoreLeftover {
        /// Until when; `None` where that has not been looked up, or AWS did not say.
        until: Option<Moment>,
    },
    /// The launch template can have the default version again that it had. What refreshes replaced stays.
    DefaultVersion {
        /// The template's name. Text from outside.
        template: String,
        /// The version that the run made the default one.
        version: u64,
        /// The one that was it before.
        before: u64,
        /// The groups whose instances were replaced. Text from outside.
        groups: Vec<String>,
    },
    /// It cannot be taken back, and why.
    Impossible(String),
}

/// One step of a run that did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UndoItem {
    /// The step.
    pub step: String,
    /// The image, or what else it was about.
    pub image: Target,
    /// What can be done.
    pub takeback: Takeback,
}

/// What undoing this run would take back, and what cannot be; steps that left their image as it was are not listed.
#[must_use]
pub fn undo_items(plan: &Plan, states: &HashMap<String, StepState>) -> Vec<UndoItem> {
    plan.steps
        .iter()
        .filter_map(|step| {
            let takeback = takeback(step, states.get(step.id.as_str())?)?;
            Some(UndoItem { step: step.id.to_string(), image: step.target.clone(), takeback })
        })
        .collect()
}

fn takeback(step: &Step, state: &StepState) -> Option<Takeback> {
    if let Some(change) = &step.change {
        return changes::takeback(&step.region, change, state);
    }
    let recorded = state.recorded.as_ref()?;
    if state.may_have(&JournalCall::Deregister) {
        return Some(Takeback::Restore { until: None });
    }
    if step.action == Action::Leave {
        let why = "it was given back; a later plan stages it anew when nothing keeps it any more";
        return state.may_have_changed().then(|| Takeback::Impossible(why.to_owned()));
    }
    let archived: Vec<SnapshotId> = archive::of_run(state).cloned().collect();
    if !archived.is_empty() {
        return Some(Takeback::RestoreTier { snapshots: archived });
    }
    let given_back = matches!(state.result, Some(StepResult::Returned { .. }));
    let disabled_by_run = recorded.state != ImageState::Disabled && state.may_have(&JournalCall::Disable);
    match () {
        () if disabled_by_run && !given_back => Some(Takeback::Enable),
        () if state.may_have(&JournalCall::Deprecate) => Some(Takeback::Undeprecate),
        () if state.may_have(&JournalCall::Tag) => Some(Takeback::Untag),
        () => None,
    }
}

/// Looks up in the Recycle Bin which of the deregistered images can come back, and until when.
pub async fn look_ahead(clouds: &dyn Clouds, plan: &Plan, states: &HashMap<String, StepState>, items: &mut [UndoItem]) {
    let is_asked =
        |item: &UndoItem| matches!(item.takeback, Takeback::Restore { .. } | Takeback::RestoreLeftover { .. });
    let asked = by_region(plan, items, is_asked);
    let answers = join_all(asked.into_iter().map(async |((account, region), asked)| {
        let Some(cloud) = clouds.of(account) else {
            let lost = || Outlook::Lost(format!("there are no credentials for account {account}"));
            return asked.into_iter().map(|(at, _)| (at, lost())).collect::<Vec<_>>();
        };
        let bin = read_bin(cloud, region).await.map_err(|error| error.to_string());
        let looker = Looker::new(cloud, region);
        let volumes = match asked.iter().any(|(_, step)| matches!(step.target, Target::Volume(_))) {
            true => read_volume_bin(cloud, region).await.map_err(|error| error.to_string()),
            false => Ok(Default::default()),
        };
        let looks = join_all(asked.into_iter().filter_map(|(at, step)| {
            let recorded = states.get(step.id.as_str())?.recorded.as_ref();
            let (looker, bin, volumes) = (&looker, &bin, &volumes);
            if recorded.is_none() && step.change.is_none() {
                return None;
            }
            Some(async move {
                let outlook = match recorded {
                    Some(recorded) => restore::outlook(looker, bin, recorded).await,
                    None => restore::outlook_of_leftover(looker, bin, volumes, &step.target).await,
                };
                (at, outlook)
            })
        }));
        tokio::select! {
            looked = looks => looked,
            () = looker.drive() => Vec::new(),
        }
    }))
    .await;
    for (at, outlook) in answers.into_iter().flatten() {
        let is_leftover = matches!(items[at].takeback, Takeback::RestoreLeftover { .. });
        items[at].takeback = match outlook {
            Outlook::There if is_leftover => Takeback::RestoreLeftover { until: None },
            Outlook::Restorable(until) if is_leftover => Takeback::RestoreLeftover { until },
            // What it was may still be left to put back.
            Outlook::There => Takeback::Restore { until: None },
            Outlook::Restorable(until) => Takeback::Restore { until },
            Outlook::Lost(why) => Takeback::Impossible(why),
        };
    }
}

type ByRegion<'a> = BTreeMap<(AccountId, &'a Region), Vec<(usize, &'a Step)>>;

/// The items that are wanted, with their places and steps.
fn by_region<'a>(plan: &'a Plan, items: &[UndoItem], is_wanted: impl Fn(&UndoItem) -> bool) -> ByRegion<'a> {
    let steps: HashMap<&str, &Step> = plan.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let mut regions = ByRegion::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| is_wanted(item)) {
        if let Some(step) = steps.get(item.step.as_str()) {
            regions.entry((step.account, &step.region)).or_default().push((at, step));
        }
    }
    regions
}

/// How undoing went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoEnd {
    /// What came of each step that was tried.
    pub results: Vec<(UndoItem, StepResult)>,
    /// Why it stopped before the end, if it did.
    pub stopped_by: Option<String>,
    /// Whether it stopped before the end because somebody wished it to.
    pub is_interrupted: bool,
}

/// Takes back these steps, so many of a Region at once, journaling into a journal of its own.
pub async fn undo(
    tools: RunTools<'_>,
    plan: &Plan,
    states: &HashMap<String, StepState>,
    items: &[UndoItem],
    concurrency: usize,
) -> UndoEnd {
    let halt: Mutex<Option<Halt>> = Mutex::default();
    let concurrency = concurrency.max(1);
    let results = join_all(by_region(plan, items, |_| true).into_iter().map(async |((account, region), steps)| {
        let Some(cloud) = tools.clouds.of(account) else {
            let why = format!("there are no credentials for account {account}");
            let failed = || StepResult::Failed { why: why.clone(), left: "unchanged".to_owned() };
            return steps.into_iter().map(|(at, _)| (at, failed())).collect::<Vec<_>>();
        };
        let undoing = Undoing { tools, cloud, account, region, states, items, halt: &halt };
        undoing.of_region(steps, concurrency).await
    }))
    .await;
    let mut results: Vec<(usize, StepResult)> = results.into_iter().flatten().collect();
    results.sort_by_key(|(at, _)| *at);
    let halt = halt.into_inner().unwrap_or_else(PoisonError::into_inner);
    UndoEnd {
        results: results.into_iter().map(|(at, result)| (items[at].clone(), result)).collect(),
        is_interrupted: matches!(halt, Some(Halt::Interrupted)),
        stopped_by: halt.and_then(|halt| match halt {
            Halt::Interrupted => None,
            Halt::Journal(error) => Some(error.to_string()),
            Halt::Credentials(error) => Some(error.to_string()),
            Halt::NoAccount(why) | Halt::TimedOut(why) => Some(why),
        }),
    }
}

/// The undo of one Region.
struct Undoing<'a> {
    tools: RunTools<'a>,
    cloud: &'a dyn Cloud,
    account: AccountId,
    region: &'a Region,
    states: &'a HashMap<String, StepState>,
    items: &'a [UndoItem],
    halt: &'a Mutex<Option<Halt>>,
}

impl Undoing<'_> {
    async fn of_region(&self, steps: Vec<(usize, &Step)>, concurrency: usize) -> Vec<(usize, StepResult)> {
        let looker = Looker::new(self.cloud, self.region);
        let permits = Permits::new(concurrency);
        let held = HeldSnapshots::default();
        let turn = tokio::sync::Mutex::default();
        // An undo deletes nothing, so nobody asks.
        let leftovers = Leftovers {
            clouds: self.tools.clouds,
            clock: self.tools.clock,
            scope: Scope { account: self.account, region: self.region.clone() },
            concurrency,
            skip: Vec::new(),
            snapshots: Vec::new(),
            seen: tokio::sync::Mutex::default(),
        };
        let between = Between::default();
        let work = RegionWork {
            tools: self.tools,
            cloud: self.cloud,
            region: self.region,
            looker: &looker,
            recovery: None,
            leftovers: &leftovers,
            bin_turn: &turn,
            held: &held,
            permits: &permits,
            between: &between,
            seen_after: &SEEN_AFTER,
        };
        let all = stream::iter(steps)
            .map(|(at, step)| self.of_step(&work, &turn, at, step))
            .buffer_unordered(concurrency)
            .filter_map(async |result| result)
            .collect::<Vec<_>>();
        tokio::select! {
            results = all => results,
            () = looker.drive() => Vec::new(),
        }
    }

    /// `None` where it was not begun, or not brought to an end.
    async fn of_step(
        &self,
        work: &RegionWork<'_>,
        turn: &tokio::sync::Mutex<()>,
        at: usize,
        step: &Step,
    ) -> Option<(usize, StepResult)> {
        let item = &self.items[at];
        if let Takeback::Impossible(why) = &item.takeback {
            return Some((at, StepResult::Failed { why: why.clone(), left: "unchanged".to_owned() }));
        }
        match take_back(work, turn, step, self.states.get(&item.step)?, &item.takeback).await {
            Ok(result) => Some((at, result)),
            Err(halt) => {
                // One that must stop stops all: the journal and the credentials are shared.
                self.tools.stop.request();
                self.halt.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(halt);
                None
            }
        }
    }
}

async fn take_back(
    work: &RegionWork<'_>,
    turn: &tokio::sync::Mutex<()>,
    step: &Step,
    state: &StepState,
    takeback: &Takeback,
) -> Result<StepResult, Halt> {
    work.check_stop()?;
    if let Some(change) = &step.change {
        let result = changes::take_back(work, step, change, state, takeback).await?;
        work.journal(Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
        return Ok(result);
    }
    let Some(recorded) = &state.recorded else {
        return Ok(StepResult::Skipped { why: "nothing was done to it".to_owned() });
    };
    work.journal(Event::Recorded { step: step.id.to_string(), image: recorded.clone() }).await?;
    if state.may_have(&JournalCall::Tag)
        && let Some(why) = staging::moved_on(work, step, recorded).await?
    {
        let result = StepResult::Failed { why, left: "unchanged".to_owned() };
        work.journal(Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
        return Ok(result);
    }
    let result = match takeback {
        Takeback::Undeprecate => staging::undeprecate(work, &step.id, recorded).await?,
        Takeback::RestoreTier { snapshots } => out_of_archive::take_back(work, step, recorded, snapshots).await?,
        Takeback::Untag => staging::untag(work, &step.id, recorded, "taken back".to_owned()).await?,
        Takeback::Restore { .. } => restore::restore(work, turn, &step.id, recorded).await?,
        _ => enable(work, step, recorded).await?,
    };
    // The tags of the stage that it was disabled for.
    let result = match result {
        StepResult::Returned { why } if state.may_have(&JournalCall::Tag) && *takeback == Takeback::Enable => {
            staging::untag(work, &step.id, recorded, why).await?
        }
        result => result,
    };
    work.journal(Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
    Ok(result)
}

pub(crate) async fn enable(work: &RegionWork<'_>, step: &Step, recorded: &Image) -> Result<StepResult, Halt> {
    Ok(match work.looker.look(step.image()).await {
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
