//! A whole run: every Region side by side, every step of a Region side by side, within the bounds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use amictl_collect::{HeldSnapshots, Reader, read_allowed_images, read_held, read_recovery};
use amictl_model::{AccountId, Region, Scope, Source};
use amictl_plan::{Action, Plan, Step, Target};
use futures::future::join_all;

use crate::between::Between;
use crate::context::{Halt, Permits, RegionWork, RunConfig, RunTools, seen_after};
use crate::event::{Event, RunEvent, RunStatus, StepResult};
use crate::fence::carry_out;
use crate::leftovers::Leftovers;
use crate::looker::Looker;
use crate::rechecker::Rechecker;
use crate::replay::StepState;
use crate::sweeps::{Sweeper, Sweeps, is_shared};

/// How a run's process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// Whether there is more to do.
    pub status: RunStatus,
    /// Why it stopped, when nobody wished it to.
    pub stopped_by: Option<String>,
}

/// Carries out a plan, from its beginning or from where a journal says it got.
///
/// The journal must hold the start of the run already. Guards (digest, account, age, caps, lock) are the caller's: see `guard`.
pub async fn run(tools: RunTools<'_>, config: &RunConfig, plan: &Plan, before: &HashMap<String, StepState>) -> RunEnd {
    let (permits, between) = (Permits::new(config.concurrency), Between::new(&plan.steps, before));
    let listed = plan.scopes_with(Source::Images);
    let whole = Whole { tools, config, before, permits, between, listed, halts: Mutex::default() };
    let mut regions: BTreeMap<(AccountId, &Region), Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        regions.entry((step.account, &step.region)).or_default().push(step);
    }
    join_all(regions.into_iter().map(|((account, region), steps)| {
        let scope = Scope { account, region: region.clone() };
        run_region(&whole, scope, steps)
    }))
    .await;

    let halts = whole.halts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let stopped_by = halts.iter().find_map(|halt| match halt {
        Halt::Journal(error) => Some(error.to_string()),
        Halt::Credentials(error) => Some(error.to_string()),
        Halt::NoAccount(why) => Some(why.clone()),
        Halt::Interrupted | Halt::TimedOut(_) => None,
    });
    let is_interrupted = halts.contains(&Halt::Interrupted);
    let status = match &stopped_by {
        Some(_) => RunStatus::Stopped,
        None if is_interrupted => RunStatus::Interrupted,
        None if halts.is_empty() => RunStatus::Finished,
        None => RunStatus::TimedOut,
    };
    match tools.journal.append(Event::RunFinished { status }).await {
        Ok(()) => RunEnd { status, stopped_by },
        Err(error) => RunEnd { status: RunStatus::Stopped, stopped_by: stopped_by.or_else(|| Some(error.to_string())) },
    }
}

/// What all Regions of a run share.
struct Whole<'a> {
    tools: RunTools<'a>,
    config: &'a RunConfig,
    before: &'a HashMap<String, StepState>,
    permits: Permits,
    between: Between,
    /// Where the plan's evidence has all images.
    listed: Vec<Scope>,
    halts: Mutex<Vec<Halt>>,
}

async fn run_region(whole: &Whole<'_>, scope: Scope, steps: Vec<&Step>) {
    let Whole { tools, config, before, permits, between, listed, halts } = whole;
    let tools = *tools;
    let untouched = StepState::default();
    let steps: Vec<(&Step, &StepState)> = steps
        .into_iter()
        .map(|step| (step, before.get(step.id.as_str()).unwrap_or(&untouched)))
        .filter(|(_, state)| state.result.is_none())
        .collect();
    if steps.is_empty() {
        return;
    }
    let Some(cloud) = tools.clouds.of(scope.account) else {
        let message = format!("there are no credentials for account {}", scope.account);
        halts.lock().unwrap_or_else(PoisonError::into_inner).push(Halt::NoAccount(message));
        steps.iter().for_each(|(step, _)| between.over(step, None));
        return;
    };
    let reader = Reader {
        cloud,
        scope: &scope,
        clock: tools.clock,
        concurrency: config.concurrency,
        skip: &config.skip,
        observer: &(),
    };
    let looker = Looker::new(cloud, &scope.region);
    let is_any_shared = steps.iter().any(|(step, _)| step.change.is_none() && is_shared(step));
    let others = if is_any_shared { others(config, &scope) } else { Vec::new() };
    let is_asked = |place: &&Scope| place.account == scope.account || is_any_shared;
    let copied_to: Vec<Scope> = listed.iter().filter(is_asked).cloned().collect();
    let recheck = Rechecker::new(
        Sweeper {
            own: reader,
            others: &others,
            copied_to: &copied_to,
            clouds: tools.clouds,
            files: config.files.as_ref(),
        },
        config.settle,
        steps.len(),
    );
    let asks_for_recovery = steps.iter().any(|(step, _)| step.require_recycle_bin_days.is_some());
    let recovery = if asks_for_recovery { Some(read_recovery(cloud, &scope.region).await) } else { None };
    let recovery = recovery.as_ref();
    // Before anything of a Region is touched.
    let deletes = steps.iter().any(|(step, _)| step.snapshots.iter().any(|of_step| of_step.delete || of_step.archive));
    let held = if deletes { read_held(cloud, &scope.region).await } else { HeldSnapshots::default() };
    for why in &held.unread {
        tools.observer.observe(&RunEvent::NotRead { region: scope.region.clone(), why: why.clone() });
    }
    if steps.iter().any(|(step, _)| step.action == Action::Deregister) {
        let told = match read_allowed_images(cloud, &scope.region).await {
            Ok(None) => None,
            Ok(Some(what)) => Some(RunEvent::Noted { region: scope.region.clone(), what }),
            Err(why) => Some(RunEvent::NotRead { region: scope.region.clone(), why }),
        };
        told.iter().for_each(|event| tools.observer.observe(event));
    }
    let seen_after = seen_after(config.settle);
    let of_step = |step: &Step| match &step.target {
        Target::Snapshot(id) if step.action == Action::DeleteSnapshot => Some(id.clone()),
        _ => None,
    };
    let leftovers = Leftovers {
        clouds: tools.clouds,
        clock: tools.clock,
        scope: scope.clone(),
        concurrency: config.concurrency,
        skip: config.skip.clone(),
        snapshots: steps.iter().filter_map(|(step, _)| of_step(step)).collect(),
        seen: tokio::sync::Mutex::default(),
    };
    let bin_turn = tokio::sync::Mutex::default();
    let work = RegionWork {
        tools,
        cloud,
        region: &scope.region,
        looker: &looker,
        recovery,
        leftovers: &leftovers,
        bin_turn: &bin_turn,
        held: &held,
        permits,
        between,
        seen_after,
    };

    // What began to be used since the plan is not even disabled. What is given back is so whatever uses it,
    // and so is what somebody asked for. Archiving has no fence behind which it would be looked again.
    let is_begun = |step: &Step, state: &StepState| {
        let is_recorded = state.recorded.is_some() && step.action != Action::ArchiveSnapshots;
        step.action == Action::Leave || step.change.is_some() || is_recorded
    };
    let fresh = steps.iter().any(|(step, state)| !is_begun(step, state));
    let first_sweep = if fresh && !tools.stop.is_requested() { Some(recheck.sweep_now().await) } else { None };

    let all = join_all(
        steps.iter().map(|(step, state)| run_step(&work, &recheck, config, step, state, first_sweep.as_ref(), halts)),
    );
    tokio::select! {
        _ = all => {}
        () = looker.drive() => {}
        () = recheck.drive() => {}
    }
}

/// The other accounts that were scanned in this Region.
fn others(config: &RunConfig, own: &Scope) -> Vec<Scope> {
    let is_other = |scope: &&Scope| scope.region == own.region && scope.account != own.account;
    config.scanned.iter().filter(is_other).cloned().collect()
}

async fn run_step(
    work: &RegionWork<'_>,
    recheck: &Rechecker<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    first_sweep: Option<&Sweeps>,
    halts: &Mutex<Vec<Halt>>,
) {
    let result = async {
        for earlier in &step.after {
            work.between.end_of(earlier).await;
        }
        let result = carry_out(work, recheck, config, step, state, first_sweep).await?;
        work.journal(Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
        work.tell(&RunEvent::StepFinished {
            step: step.id.to_string(),
            image: step.target.clone(),
            result: result.clone(),
        });
        Ok::<StepResult, Halt>(result)
    }
    .await;
    work.between.over(step, result.as_ref().ok());
    if let Err(halt) = result {
        // One step that must stop stops all: the journal and the credentials are shared. What takes too long is its own step's affair.
        if let Halt::TimedOut(what) = &halt {
            work.tell(&RunEvent::TimedOut { step: step.id.to_string(), what: what.clone() });
        } else {
            work.tools.stop.request();
        }
        halts.lock().unwrap_or_else(PoisonError::into_inner).push(halt);
    }
    recheck.left();
}
