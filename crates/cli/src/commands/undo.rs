//! `amictl undo`.

use std::io::{self, BufRead, IsTerminal, Write};

use amictl_apply::{Event, Journal, RunStatus, RunTools, StepResult, Stop, Takeback, UndoItem, undo, undo_items};
use amictl_cloud::Clock;
use amictl_report::UndoResult;
use amictl_state::{GuardedJournal, RunLocks, Store, StoredRun};

use crate::args::{Global, UndoArgs};
use crate::clock::wall_clock;
use crate::commands::apply::{accounts_of, regions_of};
use crate::exit::{Exit, Failure};
use crate::locks::{hold, with_locks};
use crate::output::Terminal;
use crate::session::Session;
use crate::signals::stop_on_signal;
use crate::state;

/// Takes back what a run did, as far as it can be.
pub(crate) async fn run(global: &Global, args: &UndoArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = state::open(global).await?;
    let run = state.load_run(&args.run_id).await?;
    let items = chosen(&run, &args.step)?;
    if items.is_empty() {
        terminal.note("there is nothing to take back: no image of this run is disabled by it");
        return Ok(Exit::Done);
    }
    preview(&items, terminal);
    if args.dry_run {
        return Ok(Exit::Done);
    }
    confirm(args.yes)?;

    let session = Session::open_for(global, regions_of(&run.plan), accounts_of(&run.plan), terminal).await?;
    if session.account != run.replay.run.account {
        return Err(Failure::refused(format!(
            "the run is of account {}, the credentials are of account {}",
            run.replay.run.account, session.account
        )));
    }
    let clock = wall_clock();
    with_locks(&state, &run.plan, &args.run_id, &clock, terminal, async |locks| {
        let undoing = Undoing { state: &state, session: &session, clock: &clock, locks, terminal };
        undoing.take_back(args).await
    })
    .await
}

/// What an undo works with, once the accounts and Regions are locked for it.
struct Undoing<'a> {
    state: &'a Store,
    session: &'a Session,
    clock: &'a Clock,
    locks: &'a RunLocks,
    terminal: &'a Terminal,
}

impl Undoing<'_> {
    async fn take_back(&self, args: &UndoArgs) -> Result<Exit, Failure> {
        // Whoever held the locks until now may have gone on with the run, or taken some of it back.
        let run = self.state.load_run(&args.run_id).await?;
        let items = chosen(&run, &args.step)?;
        let journal = self.state.create_undo(&run, self.clock).await?;
        let stop = Stop::default();
        stop_on_signal(stop.clone(), self.terminal.quiet);
        journal
            .append(Event::RunStarted(run.replay.run.clone()))
            .await
            .map_err(|error| Failure::error(error.to_string()))?;
        let guarded = GuardedJournal { journal: &journal, locks: self.locks, clock: self.clock };
        let tools = RunTools { clouds: self.session, clock: self.clock, journal: &guarded, observer: &(), stop: &stop };
        let work = undo(tools, &run.plan, &run.replay.steps, &items);
        let held = hold(self.locks, self.clock, &stop, self.terminal, work).await;
        let (end, stopped_by) = (&held.done, held.done.stopped_by.as_ref().or(held.lost.as_ref()));
        let status = if stopped_by.is_some() { RunStatus::Stopped } else { RunStatus::Finished };
        journal
            .append(Event::RunFinished { status })
            .await
            .map_err(|error| Failure::new(Exit::Partial, error.to_string()))?;
        journal.close().await;
        let results: Vec<UndoResult<'_>> = end
            .results
            .iter()
            .map(|(item, result)| UndoResult { step: &item.step, image: &item.image, result })
            .collect();
        self.terminal.report(|out, output| amictl_report::undo(out, &args.run_id, &results, output))?;
        if stop.is_requested() && held.lost.is_none() {
            return Ok(Exit::Interrupted);
        }
        if let Some(why) = stopped_by {
            return Err(Failure::new(Exit::Partial, why.clone()));
        }
        let all = end.results.iter().all(|(_, result)| matches!(result, StepResult::Returned { .. }));
        Ok(if all { Exit::Done } else { Exit::Partial })
    }
}

/// What can be taken back, narrowed to the steps or images that were named.
fn chosen(run: &StoredRun, names: &[String]) -> Result<Vec<UndoItem>, Failure> {
    let mut items = undo_items(&run.plan, &run.replay.steps);
    items.retain(|item| !matches!(run.undone.get(&item.step), Some(StepResult::Returned { .. })));
    if names.is_empty() {
        return Ok(items);
    }
    let is_named = |item: &UndoItem, name: &str| item.step == name || item.image.as_str() == name;
    for name in names {
        let known = run.plan.steps.iter().any(|step| step.id == name.as_str() || step.target.as_str() == name);
        if !known {
            return Err(Failure::usage(format!("run {} has no step or image `{name}`", run.replay.run.run_id)));
        }
    }
    items.retain(|item| names.iter().any(|name| is_named(item, name)));
    Ok(items)
}

fn preview(items: &[UndoItem], terminal: &Terminal) {
    for item in items {
        terminal.note(&match &item.takeback {
            Takeback::Enable => format!("{} {}: enable, with its launch permissions", item.step, item.image),
            Takeback::Undeprecate => format!("{} {}: put its deprecation back", item.step, item.image),
            Takeback::Untag => format!("{} {}: put its tags back", item.step, item.image),
            Takeback::Impossible(why) => format!("{} {}: cannot be taken back: {why}", item.step, item.image),
        });
    }
}

fn confirm(yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::refused("not confirmed: there is nobody to ask").hint("add --yes"));
    }
    write!(io::stderr(), "Take this back? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Failure::refused("not confirmed")) }
}
