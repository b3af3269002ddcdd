//! `amictl undo`, also of an undo.

use std::io::{self, BufRead, IsTerminal, Write};

use amictl_apply::{
    Event, Journal, RunStatus, RunTools, StepResult, Stop, Takeback, UndoItem, look_ahead, undo, undo_items,
};
use amictl_cloud::Clock;
use amictl_plan::{Step, Target};
use amictl_report::UndoResult;
use amictl_state::{GuardedJournal, RunLocks, Store, StoredRun};

use crate::args::{Global, UndoArgs};
use crate::clock::{new_id, wall_clock};
use crate::commands::apply::{accounts_of, carry_out_plan, regions_of};
use crate::exit::{Exit, Failure};
use crate::locks::{hold, with_locks};
use crate::next;
use crate::output::Terminal;
use crate::session::Session;
use crate::signals::stop_on_signal;
use crate::state;

/// Takes back what a run did, as far as it can be.
pub(crate) async fn run(global: &Global, args: &UndoArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = state::open(global).await?;
    if let Some((run_id, undo)) = args.run_id.split_once('/') {
        return do_again(global, &state, run_id, undo, args, terminal).await;
    }
    let run = state.load_run(&args.run_id).await?;
    let mut items = chosen(&run, &args.step)?;
    if items.is_empty() {
        terminal.note("there is nothing to take back: no image of this run is changed by it");
        return Ok(Exit::Done);
    }
    let open = Session::open_for(global, regions_of(&run.plan), accounts_of(&run.plan), terminal).await;
    match &open {
        Ok(session) => look_ahead(session, &run.plan, &run.replay.steps, &mut items).await,
        Err(failure) if args.dry_run => {
            terminal.note(&format!("what the Recycle Bin holds is not looked up: {}", failure.message));
        }
        Err(_) => {}
    }
    if args.dry_run {
        preview(&items, terminal);
        return Ok(Exit::Done);
    }
    let session = open?;
    preview(&items, terminal);
    confirm(args.run.yes)?;
    if session.account != run.replay.run.account {
        return Err(Failure::refused(format!(
            "the run is of account {}, the credentials are of account {}",
            run.replay.run.account, session.account
        )));
    }
    let clock = wall_clock();
    with_locks(&state, &run.plan, &args.run_id, &clock, terminal, async |locks| {
        let undoing = Undoing { state: &state, session: &session, clock: &clock, locks, terminal };
        undoing.take_back(global, args).await
    })
    .await
}

/// Does again what an undo gave back: a new run of those steps, with every check that the first one had to pass.
async fn do_again(
    global: &Global,
    state: &Store,
    run_id: &str,
    undo: &str,
    args: &UndoArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let run = state.load_run(run_id).await?;
    let results = state.load_undo(&run, undo).await?;
    check_names(&run, &args.step)?;
    let is_again = |step: &&Step| {
        let is_back = matches!(results.get(step.id.as_str()), Some(StepResult::Returned { .. }));
        is_back && (args.step.is_empty() || args.step.iter().any(|name| is_named(&step.id, &step.target, name)))
    };
    let steps: Vec<&Step> = run.plan.steps.iter().filter(is_again).collect();
    if steps.is_empty() {
        terminal.note("there is nothing to do again: this undo gave nothing back");
        return Ok(Exit::Done);
    }
    for step in &steps {
        terminal.note(&format!("{} {}: {} again", step.id, step.target, step.action.as_str()));
    }
    if args.dry_run {
        return Ok(Exit::Done);
    }
    let ids = steps.iter().map(|step| step.id.as_str()).collect();
    let again = run.plan.only(&ids, new_id(&wall_clock()));
    state.save_plan(&again).await?;
    let session = Session::open_for(global, regions_of(&again), accounts_of(&again), terminal).await?;
    carry_out_plan(global, state, &session, &again, &args.run, terminal).await.map(|applied| applied.exit)
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
    async fn take_back(&self, global: &Global, args: &UndoArgs) -> Result<Exit, Failure> {
        // Whoever held the locks until now may have gone on with the run, or taken some of it back.
        let run = self.state.load_run(&args.run_id).await?;
        let mut items = chosen(&run, &args.step)?;
        look_ahead(self.session, &run.plan, &run.replay.steps, &mut items).await;
        let (name, journal) = self.state.create_undo(&run, self.clock).await?;
        let stop = Stop::default();
        stop_on_signal(stop.clone(), self.terminal.quiet);
        journal
            .append(Event::RunStarted(run.replay.run.clone()))
            .await
            .map_err(|error| Failure::error(error.to_string()))?;
        let guarded = GuardedJournal { journal: &journal, locks: self.locks, clock: self.clock };
        let tools = RunTools { clouds: self.session, clock: self.clock, journal: &guarded, observer: &(), stop: &stop };
        let work = undo(tools, &run.plan, &run.replay.steps, &items, usize::from(global.concurrency));
        let held = hold(self.locks, self.clock, &stop, self.terminal, work).await;
        let (end, stopped_by) = (&held.done, held.done.stopped_by.as_ref().or(held.lost.as_ref()));
        let status = match stopped_by {
            Some(_) => RunStatus::Stopped,
            None if end.is_interrupted => RunStatus::Interrupted,
            None => RunStatus::Finished,
        };
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
        let id = format!("{}/{name}", args.run_id);
        if end.results.iter().any(|(_, result)| matches!(result, StepResult::Returned { .. })) {
            let command = next::command(global, ["undo", id.as_str()]);
            self.terminal.note(&format!("this is undo {id}: `{command}` does again what it gave back"));
        }
        if end.is_interrupted && held.lost.is_none() {
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
    check_names(run, names)?;
    items.retain(|item| names.iter().any(|name| is_named(&item.step, &item.image, name)));
    Ok(items)
}

fn is_named(step: &str, image: &Target, name: &str) -> bool {
    step == name || image.as_str() == name
}

fn check_names(run: &StoredRun, names: &[String]) -> Result<(), Failure> {
    let is_known = |name: &String| run.plan.steps.iter().any(|step| is_named(&step.id, &step.target, name));
    match names.iter().find(|name| !is_known(name)) {
        Some(name) => Err(Failure::usage(format!("run {} has no step or image `{name}`", run.replay.run.run_id))),
        None => Ok(()),
    }
}

fn preview(items: &[UndoItem], terminal: &Terminal) {
    for item in items {
        terminal.note(&match &item.takeback {
            Takeback::Enable => format!("{} {}: enable, with its launch permissions", item.step, item.image),
            Takeback::Restore { until } => {
                let until = until.map(|until| format!(" (possible until {until})")).unwrap_or_default();
                format!(
                    "{} {}: restore from the Recycle Bin: its snapshots, then the image with its launch permissions{until}",
                    item.step, item.image
                )
            }
            Takeback::RestoreLeftover { until } => {
                let until = until.map(|until| format!(" (possible until {until})")).unwrap_or_default();
                format!("{} {}: restore from the Recycle Bin{until}", item.step, item.image)
            }
            Takeback::Undeprecate => format!("{} {}: put its deprecation back", item.step, item.image),
            Takeback::RestoreTier { snapshots } => format!(
                "{} {}: take {} of its snapshots out of the archive, for up to 72 hours; it stays disabled, and AWS charges for 90 days in the archive all the same",
                item.step,
                item.image,
                snapshots.len()
            ),
            Takeback::Untag => format!("{} {}: put its tags back", item.step, item.image),
            Takeback::Disable => format!("{} {}: disable it again", item.step, item.image),
            Takeback::Protection => format!("{} {}: put its protection back", item.step, item.image),
            Takeback::Sharing => format!("{} {}: share it as before", item.step, item.image),
            Takeback::DisableMade { image } => {
                format!("{} {image}: disable what was made of {}; it is not deleted", item.step, item.image)
            }
            Takeback::Publish { parameter, value } => {
                format!("{} {}: let {parameter} name {value} again", item.step, item.image)
            }
            Takeback::DefaultVersion { template, version, before, groups } => {
                let of_groups = match groups.is_empty() {
                    true => String::new(),
                    false => format!(
                        "; the instances of {} stay as they are: `amictl rollout --to-version {before} --template {template}` replaces them",
                        groups.join(", ")
                    ),
                };
                format!(
                    "{}: let version {before} of {template} be the default one again, in place of {version}{of_groups}",
                    item.step
                )
            }
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
