//! `amictl apply` and `amictl resume`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use amictl_apply::{
    Event, FilesAgain, GuardFacts, Journal, Refusal, RunConfig, RunEnd, RunStarted, RunStatus, RunSummary, RunTools,
    StepProgress, StepResult, StepState, Stop, guard, run as carry_out,
};
use amictl_cloud::Clock;
use amictl_collect::files::FilePlace;
use amictl_model::{AccountId, Region};
use amictl_plan::{Approval, Plan, PlanFileError};
use amictl_report::{Calls, RunReport};
use amictl_state::{GuardedJournal, RunJournal, RunLocks, Store};

use crate::args::{ApplyArgs, Global, ResumeArgs, RunArgs};
use crate::audit;
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::locks::{hold, with_locks};
use crate::next;
use crate::output::Terminal;
use crate::progress::RunProgress;
use crate::session::Session;
use crate::signals::stop_on_signal;
use crate::state;

/// Carries out a plan file.
pub(crate) async fn apply(global: &Global, args: &ApplyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = state::open(global).await?;
    let plan = read_plan(&state, &args.plan).await?;
    if plan.steps.is_empty() {
        terminal.note("the plan has no steps: nothing to do");
    }
    let session = Session::open_for(global, regions_of(&plan), accounts_of(&plan), terminal).await?;
    carry_out_plan(global, &state, &session, &plan, &args.run, terminal).await.map(|applied| applied.exit)
}

/// What came of carrying out a plan.
pub(crate) struct Applied {
    pub(crate) run_id: String,
    pub(crate) exit: Exit,
}

/// Checks a plan, asks, carries it out and prints what came of it.
pub(crate) async fn carry_out_plan(
    global: &Global,
    state: &Store,
    session: &Session,
    plan: &Plan,
    args: &RunArgs,
    terminal: &Terminal,
) -> Result<Applied, Failure> {
    let clock = wall_clock();
    let others = session.others();
    let last_retired = last_retired(state, plan, session.account).await?;
    let approvals = approvals_of(state, plan).await?;
    let facts = GuardFacts { last_retired, approvals: Some(&approvals), ..facts(session, &others, args, &clock) };
    refuse(&guard(plan, facts))?;
    state.check_writable().await?;
    confirm(plan, session, args.yes)?;

    let run_id = new_id(&clock);
    let started = RunStarted {
        run_id: run_id.clone(),
        plan_id: plan.plan_id.clone(),
        plan_digest: plan.digest.clone(),
        account: session.account,
        regions: regions_of(plan),
        steps: plan.steps.len() as u64,
        settle_seconds: args.settle.as_secs(),
    };
    let work = Work {
        state,
        session,
        plan,
        run_id: &run_id,
        settle: args.settle,
        references_from: &global.evidence.references_from,
    };
    let exit = with_locks(state, plan, &run_id, &clock, terminal, async |locks| {
        let journal = state.create_run(&run_id, plan, &clock).await?;
        append(&journal, Event::RunStarted(started)).await?;
        work.carry_out(global, terminal, &clock, journal, locks, &HashMap::new()).await
    })
    .await?;
    Ok(Applied { run_id, exit })
}

/// The approvals of a plan that needs any.
async fn approvals_of(state: &Store, plan: &Plan) -> Result<Vec<Approval>, Failure> {
    if plan.approvals_needed() == 0 {
        return Ok(Vec::new());
    }
    Ok(state.approvals(&plan.plan_id).await?)
}

/// Goes on with a run that was interrupted.
pub(crate) async fn resume(global: &Global, args: &ResumeArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = state::open(global).await?;
    let run_id = match &args.run_id {
        Some(run_id) => run_id.clone(),
        None => newest_unfinished(&state).await?,
    };
    let run = state.load_run(&run_id).await?;
    if run.replay.status == Some(RunStatus::Finished) {
        terminal.note(&format!("run {run_id} is finished: nothing to resume"));
        return Ok(Exit::Done);
    }
    let plan = &run.plan;
    let session = Session::open_for(global, regions_of(plan), accounts_of(plan), terminal).await?;
    let clock = wall_clock();
    // What was begun must be ended, however old the plan is by now; what was not begun is only begun under a plan that is young enough, and
    // in a window.
    let refusals = guard(plan, facts(&session, &session.others(), &args.run, &clock));
    let (too_old, others): (Vec<_>, Vec<_>) =
        refusals.into_iter().partition(|refusal| matches!(refusal, Refusal::TooOld { .. } | Refusal::Closed { .. }));
    refuse(&others)?;
    confirm(plan, &session, args.run.yes)?;
    let work = Work {
        state: &state,
        session: &session,
        plan,
        run_id: &run_id,
        settle: args.run.settle,
        references_from: &global.evidence.references_from,
    };
    with_locks(&state, plan, &run_id, &clock, terminal, async |locks| {
        // Whoever held the locks until now may have gone on with it.
        let run = state.load_run(&run_id).await?;
        let journal = state.reopen_run(&run_id, &clock).await?;
        append(&journal, Event::RunResumed).await?;
        let mut states = run.replay.steps;
        if let Some(refusal) = too_old.first() {
            skip_unbegun(plan, &mut states, &journal, &refusal.to_string()).await?;
        }
        work.carry_out(global, terminal, &clock, journal, locks, &states).await
    })
    .await
}

/// A run about to be carried out.
pub(crate) struct Work<'a> {
    pub(crate) state: &'a Store,
    pub(crate) session: &'a Session,
    pub(crate) plan: &'a Plan,
    pub(crate) run_id: &'a str,
    pub(crate) settle: Duration,
    /// Files that are searched again instead of those that the plan was made with.
    pub(crate) references_from: &'a [FilePlace],
}

impl Work<'_> {
    async fn carry_out(
        &self,
        global: &Global,
        terminal: &Terminal,
        clock: &Clock,
        journal: RunJournal,
        locks: &RunLocks,
        states: &HashMap<String, StepState>,
    ) -> Result<Exit, Failure> {
        let stop = Stop::default();
        stop_on_signal(stop.clone(), terminal.quiet);
        let concurrency = usize::from(global.concurrency);
        let begun = self.state.load_run(self.run_id).await?;
        let audit = audit::begin(self.state, self.session, self.plan, &begun.replay, clock, terminal).await?;
        let end = self.run(terminal, clock, &journal, locks, states, &stop, concurrency).await;
        journal.close().await;

        let run = self.state.load_run(self.run_id).await?;
        audit::end(audit, self.plan, &run.replay, end.status, clock, terminal).await;
        let summary = run.summary();
        let report = RunReport {
            calls: calls(self.session),
            ..RunReport::new(&summary, |words| next::command(global, words.iter().copied()))
        };
        terminal.report(|out, output| amictl_report::run(out, &report, output))?;
        if let Some(why) = &end.stopped_by {
            let first = amictl_cloud::advice(why).map(|advice| format!("{advice}; then ")).unwrap_or_default();
            return Err(Failure::new(if has_changed(&summary) { Exit::Partial } else { Exit::Error }, why.clone())
                .hint(format!("{first}`{}` goes on from the journal", report.resume)));
        }
        Ok(match end.status {
            RunStatus::TimedOut => {
                terminal.note(&format!("timed out: `{}` goes on waiting", report.resume));
                Exit::TimedOut
            }
            RunStatus::Interrupted | RunStatus::Stopped => {
                terminal.note(&format!("interrupted: `{}` goes on from the journal", report.resume));
                Exit::Interrupted
            }
            RunStatus::Finished if summary.counts().all_done() => Exit::Done,
            RunStatus::Finished => Exit::Partial,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "each is owned by a different caller")]
    pub(crate) async fn run(
        &self,
        terminal: &Terminal,
        clock: &Clock,
        journal: &RunJournal,
        locks: &RunLocks,
        states: &HashMap<String, StepState>,
        stop: &Stop,
        concurrency: usize,
    ) -> RunEnd {
        let progress = RunProgress::new(terminal, self.plan.steps.len());
        let journal = GuardedJournal { journal, locks, clock };
        let tools = RunTools { clouds: self.session, clock, journal: &journal, observer: &progress, stop };
        let references = self.plan.references.clone();
        let not_used = references.not_used.clone();
        let protecting = references.clone();
        let config = RunConfig {
            settle: self.settle,
            concurrency,
            counts_as_use: Box::new(move |reference| references.counts(reference)),
            keeps_snapshot: Box::new(move |tags| protecting.keeps_snapshot(tags, wall_clock().now())),
            skip: not_used,
            scanned: self.plan.scopes(),
            files: self.files_again(),
        };
        let held = hold(locks, clock, stop, terminal, carry_out(tools, &config, self.plan, states)).await;
        RunEnd { stopped_by: held.done.stopped_by.or(held.lost), ..held.done }
    }
}

impl Work<'_> {
    /// The files to search again: those of the command line, else those that the plan was made with.
    fn files_again(&self) -> Option<FilesAgain> {
        let given = self.references_from.iter().cloned().map(Ok);
        let of_plan =
            self.plan.references.files.iter().map(|place| place.parse().map_err(|why| format!("{place}: {why}")));
        let places: Vec<_> = if self.references_from.is_empty() { of_plan.collect() } else { given.collect() };
        let home = self.session.regions.first()?.clone();
        (!places.is_empty()).then_some(FilesAgain { places, account: self.session.account, home })
    }
}

/// Whether the run has changed anything, or may have: a step that is only fenced has disabled its image.
fn has_changed(summary: &RunSummary) -> bool {
    let untouched = |progress: &StepProgress| {
        matches!(progress, StepProgress::Pending | StepProgress::Over(StepResult::Skipped { .. }))
    };
    !summary.steps.iter().all(|step| untouched(&step.progress))
}

/// What was sent to AWS, by operation.
pub(crate) fn calls(session: &Session) -> BTreeMap<&'static str, Calls> {
    let mut calls: BTreeMap<&'static str, Calls> = BTreeMap::new();
    for (name, count) in session.clouds().flat_map(|cloud| cloud.meter().counts()) {
        let of_all = calls.entry(name).or_default();
        of_all.sent += count.sent;
        of_all.throttled += count.throttled;
    }
    calls
}

/// The plan in this file, or in the bucket of the state.
pub(crate) async fn read_plan(state: &Store, place: &str) -> Result<Plan, Failure> {
    let bytes = state.read_plan(place).await?;
    Plan::read(&bytes).map_err(|error| {
        let exit = if matches!(error, PlanFileError::Digest { .. }) { Exit::Refused } else { Exit::Error };
        Failure::new(exit, format!("{place}: {error}")).hint("make a new plan with `amictl plan`; nothing was changed")
    })
}

/// The Regions of a plan, those without steps too: a plan without steps still says whose it is.
pub(crate) fn regions_of(plan: &Plan) -> Vec<Region> {
    let with_steps: BTreeSet<&Region> = plan.steps.iter().map(|step| &step.region).collect();
    let regions = if with_steps.is_empty() {
        plan.coverage.iter().map(|coverage| &coverage.region).collect()
    } else {
        with_steps
    };
    regions.into_iter().cloned().collect()
}

/// The accounts of a plan: those of its images, and those whose references were looked at.
pub(crate) fn accounts_of(plan: &Plan) -> Vec<AccountId> {
    let of_steps = plan.steps.iter().map(|step| step.account);
    plan.scopes().into_iter().map(|scope| scope.account).chain(of_steps).collect::<BTreeSet<_>>().into_iter().collect()
}

fn facts<'a>(session: &Session, others: &'a [AccountId], args: &RunArgs, clock: &Clock) -> GuardFacts<'a> {
    GuardFacts {
        account: session.account,
        others,
        expected_account: args.expect_account,
        now: clock.now(),
        max_age_seconds: i64::try_from(args.max_age.as_secs()).unwrap_or(i64::MAX),
        last_retired: None,
        // A run that has begun goes on.
        approvals: None,
    }
}

/// How many images the last run of the account retired that retired any; only where the plan is held against that.
async fn last_retired(state: &Store, plan: &Plan, account: AccountId) -> Result<Option<u64>, Failure> {
    if plan.limits.max_jump.is_none() {
        return Ok(None);
    }
    for run_id in state.run_ids().await?.into_iter().rev() {
        // A run that cannot be read says nothing; the one before it does.
        let Ok(run) = state.load_run(&run_id).await else { continue };
        let retired = run.summary().retired();
        if run.replay.run.account == account && retired > 0 {
            return Ok(Some(retired));
        }
    }
    Ok(None)
}

fn refuse(refusals: &[Refusal]) -> Result<(), Failure> {
    if refusals.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let is_unapproved = refusals.iter().any(|refusal| matches!(refusal, Refusal::Unapproved { .. }));
    let hint = if is_unapproved {
        "others approve it with `amictl approve`; nothing was changed"
    } else {
        "nothing was changed"
    };
    Err(Failure::refused(reasons.join("; ")).hint(hint))
}

/// Asks before anything is changed; the answer that goes on is the account's id.
fn confirm(plan: &Plan, session: &Session, yes: bool) -> Result<(), Failure> {
    if yes || plan.steps.is_empty() {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::refused("not confirmed: there is nobody to ask").hint("review the plan, then add --yes"));
    }
    let accounts: BTreeSet<AccountId> = plan.steps.iter().map(|step| step.account).collect();
    let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let retired = plan.steps.iter().filter(|step| step.stage().is_some()).count();
    let others = plan.steps.len() - retired;
    let what = if plan.steps.iter().any(|step| step.change.is_some()) {
        let actions: BTreeSet<&str> = plan.steps.iter().map(|step| step.action.as_str()).collect();
        format!("{others} changes will be made ({})", actions.into_iter().collect::<Vec<_>>().join(", "))
    } else {
        let others = if others == 0 { String::new() } else { format!(", {others} be marked or given back") };
        format!("{retired} of {} images will be retired{others}", plan.verdicts.len())
    };
    write!(
        io::stderr(),
        "{what} in {}. Type {}, the account of the credentials, to go on: ",
        accounts.join(", "),
        session.account
    )?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == session.account.to_string() {
        Ok(())
    } else {
        Err(Failure::refused("not confirmed").hint("nothing was changed"))
    }
}

async fn append(journal: &RunJournal, event: Event) -> Result<(), Failure> {
    journal.append(event).await.map_err(|error| Failure::error(error.to_string()).hint("nothing was changed"))
}

/// Steps that were not begun are not begun any more.
async fn skip_unbegun(
    plan: &Plan,
    states: &mut HashMap<String, StepState>,
    journal: &RunJournal,
    why: &str,
) -> Result<(), Failure> {
    for step in &plan.steps {
        let state = states.entry(step.id.to_string()).or_default();
        if state.recorded.is_none() && !state.may_have_changed() && state.result.is_none() {
            let result = StepResult::Skipped { why: why.to_owned() };
            append(journal, Event::StepFinished { step: step.id.to_string(), result: result.clone() }).await?;
            state.result = Some(result);
        }
    }
    Ok(())
}

async fn newest_unfinished(state: &Store) -> Result<String, Failure> {
    for run_id in state.run_ids().await?.into_iter().rev() {
        // A run that cannot be read back must be named to be looked at.
        if state.load_run(&run_id).await.is_ok_and(|run| run.replay.status != Some(RunStatus::Finished)) {
            return Ok(run_id);
        }
    }
    Err(Failure::error("there is no run to resume").hint("`amictl runs` lists them"))
}
