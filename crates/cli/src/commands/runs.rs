//! `amictl runs`.

use amictl_apply::StepResult;
use amictl_report::RunReport;
use futures::stream::{self, StreamExt};

use crate::args::{Global, RunsArgs, RunsCommand};
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::state;

/// Runs that are read at once.
const AT_ONCE: usize = 8;

/// Lists runs or shows one.
pub(crate) async fn run(global: &Global, args: &RunsArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = state::open(global).await?;
    match &args.command {
        None | Some(RunsCommand::List) => {
            let mut summaries = Vec::new();
            let mut runs = stream::iter(state.run_ids().await?)
                .map(|run_id| async { (state.load_run(&run_id).await, run_id) })
                .buffered(AT_ONCE);
            while let Some((run, run_id)) = runs.next().await {
                match run {
                    Ok(run) => summaries.push(run.summary()),
                    Err(error) => terminal.note(&format!("run {run_id} cannot be shown: {error}")),
                }
            }
            terminal.report(|out, output| amictl_report::runs(out, &summaries, output))?;
        }
        Some(RunsCommand::Show { run }) => {
            let run = state.load_run(run).await?;
            let summary = run.summary();
            let report = RunReport::new(&summary, |words| next::command(global, words.iter().copied()));
            terminal.report(|out, output| amictl_report::run(out, &report, output))?;
            terminal.note(&format!("journal: {}", run.journal_place));
            for undo in &run.undos {
                let results = state.load_undo(&run, undo).await?;
                let back = results.values().filter(|result| matches!(result, StepResult::Returned { .. })).count();
                terminal.note(&format!(
                    "undo {}/{undo}: {back} of {} steps taken back",
                    run.replay.run.run_id,
                    results.len()
                ));
            }
        }
    }
    Ok(Exit::Done)
}
