//! What all commands of the life cycle end with: the plan is shown, or confirmed and carried out.

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use amictl_plan::{CommandInput, CommandStep, Plan, build_command};
use amictl_report::PlanReport;
use amictl_state::save_plan_to;

use crate::args::{ChangeArgs, Global, RunArgs};
use crate::clock::{new_id, wall_clock};
use crate::commands::apply;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::session::Session;
use crate::state;

/// A plan of a command is carried out at once: it never gets this old, unless the clock jumps.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// What is to be done, and what to ask before.
pub(crate) struct Wanted<'a> {
    pub(crate) steps: Vec<CommandStep<'a>>,
    /// What the question says, where there has to be one.
    pub(crate) question: Option<String>,
}

/// Makes the plan and shows it, or carries it out.
pub(crate) async fn carry_out(
    global: &Global,
    args: &ChangeArgs,
    wanted: Wanted<'_>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let clock = wall_clock();
    let plan = build_command(CommandInput { steps: wanted.steps, created_at: clock.now(), plan_id: new_id(&clock) });
    carry_out_built(global, args, &plan, wanted.question, terminal).await
}

/// The same of a plan that is made already.
pub(super) async fn carry_out_built(
    global: &Global,
    args: &ChangeArgs,
    plan: &Plan,
    question: Option<String>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    if args.dry_run || args.out.is_some() {
        return show(global, args, plan, terminal);
    }
    let state = state::open(global).await?;
    state.check_writable().await?;
    if let Some(question) = question.filter(|_| !args.yes) {
        confirm(&question)?;
    }
    // Nothing waits behind a fence, and whoever had to be asked has been.
    let run = RunArgs { yes: true, expect_account: args.expect_account, settle: Duration::ZERO, max_age: MAX_AGE };
    let session = Session::open_for(global, apply::regions_of(plan), apply::accounts_of(plan), terminal).await?;
    apply::carry_out_plan(global, &state, &session, plan, &run, terminal).await.map(|applied| applied.exit)
}

fn show(global: &Global, args: &ChangeArgs, plan: &Plan, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut next = None;
    if let Some(out) = &args.out {
        save_plan_to(out, plan)?;
        next = Some(next::command(global, ["apply", &out.display().to_string()]));
    }
    let report = PlanReport { plan, inventory: None, all: true, caps_exceeded: &[], next };
    terminal.report(|out, output| amictl_report::plan(out, &report, output))?;
    Ok(Exit::Done)
}

pub(crate) fn confirm(question: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        let why = format!("not confirmed, and there is nobody to ask: {question}");
        return Err(Failure::refused(why).hint("look at it with --dry-run, then add --yes; nothing was changed"));
    }
    write!(io::stderr(), "{question}. Go on? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failure::refused("not confirmed").hint("nothing was changed"))
    }
}
