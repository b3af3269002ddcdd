//! `amictl runs`.

use amictl_report::RunReport;
use amictl_state::StateFolder;

use crate::args::{Global, RunsArgs, RunsCommand};
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;

/// Lists runs or shows one.
pub(crate) fn run(global: &Global, args: &RunsArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = StateFolder::at(&global.state)?;
    match &args.command {
        None | Some(RunsCommand::List) => {
            let mut summaries = Vec::new();
            for run_id in state.run_ids()? {
                match state.load_run(&run_id) {
                    Ok(run) => summaries.push(run.summary()),
                    Err(error) => terminal.note(&format!("run {run_id} cannot be shown: {error}")),
                }
            }
            terminal.report(|out, output| amictl_report::runs(out, &summaries, output))?;
        }
        Some(RunsCommand::Show { run }) => {
            let run = state.load_run(run)?;
            let summary = run.summary();
            let report = RunReport::new(&summary, |words| next::command(global, words.iter().copied()));
            terminal.report(|out, output| amictl_report::run(out, &report, output))?;
            terminal.note(&format!("journal: {}", run.journal_path().display()));
        }
    }
    Ok(Exit::Done)
}
