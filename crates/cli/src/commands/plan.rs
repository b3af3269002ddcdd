//! `amictl plan`.

use amictl_model::Inventory;
use amictl_plan::{Plan, PlanInput, build, check_limits};
use amictl_policy::{Policy, judge, unmatched_families};
use amictl_report::PlanReport;
use amictl_state::save_plan_to;

use crate::args::{Global, PlanArgs};
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::pipeline::{Take, load_policy, take_inventory};
use crate::progress::ScanProgress;
use crate::session::Session;
use crate::state;

/// Makes a plan, keeps it in the state folder, prints it.
pub(crate) async fn run(global: &Global, args: &PlanArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let state = state::open(global).await?;
    state.check_writable().await?;
    let clock = wall_clock();
    let now = args.now.unwrap_or_else(|| clock.now());
    let inventory = match &args.inventory {
        Some(name) => state.load_inventory(name).await?,
        None => {
            let session = Session::open(global, terminal).await?;
            let progress = ScanProgress::new(terminal, session.scope_count());
            let take = Take::new(global, now);
            let inventory = take_inventory(&session, &clock, &policy, take, &progress).await?;
            state.save_inventory(&inventory).await?;
            inventory
        }
    };
    for warning in unmatched_families(&policy, &inventory, now) {
        terminal.note_laid_out(&warning.render(terminal.color_errors()));
    }
    let plan = make(&policy, &inventory, now);
    let kept_at = state.save_plan(&plan).await?;
    if let Some(out) = &args.out {
        save_plan_to(out, &plan)?;
    }
    let shown_at = args.out.as_ref().map_or(kept_at, |out| out.display().to_string());
    let caps_exceeded: Vec<String> =
        check_limits(&plan).err().unwrap_or_default().iter().map(ToString::to_string).collect();
    let next = next::command(global, ["apply", &shown_at]);
    let report = PlanReport {
        plan: &plan,
        inventory: Some(&inventory),
        all: args.all,
        caps_exceeded: &caps_exceeded,
        next: (!plan.steps.is_empty() && caps_exceeded.is_empty()).then_some(next),
    };
    terminal.report(|out, output| amictl_report::plan(out, &report, output))?;
    Ok(if args.detailed_exitcode && !plan.steps.is_empty() { Exit::Pending } else { Exit::Done })
}

/// Judges an inventory and makes the plan.
pub(crate) fn make(policy: &Policy, inventory: &Inventory, now: amictl_model::Moment) -> Plan {
    let clock = wall_clock();
    build(PlanInput {
        policy,
        policy_digest: policy.digest(),
        inventory,
        verdicts: judge(policy, inventory, now),
        created_at: clock.now(),
        now,
        plan_id: new_id(&clock),
    })
}
