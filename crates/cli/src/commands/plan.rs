//! `amictl plan`.

use amictl_model::{Inventory, Moment};
use amictl_plan::{Plan, PlanInput, build, check_limits};
use amictl_policy::{Policy, judge, unmatched_families};
use amictl_report::{CommandLine, PlanReport};
use amictl_state::save_plan_to;

use crate::args::{Global, PlanArgs};
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::identity;
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
    let (inventory, planned_by) = match &args.inventory {
        Some(name) => (state.load_inventory(name).await?, offline_planner(global, &policy, terminal).await),
        None => {
            let session = Session::open(global, terminal).await?;
            let progress = ScanProgress::new(terminal, session.scope_count());
            let take = Take::new(global, now);
            let inventory = take_inventory(&session, &clock, &policy, take, &progress).await?;
            state.save_inventory(&inventory).await?;
            (inventory, identity::planner(global, &session, terminal).await)
        }
    };
    warn_of_unmatched(&policy, &inventory, now, terminal);
    let plan = make(&policy, &inventory, now, planned_by);
    let kept_at = state.save_plan(&plan).await?;
    if let Some(out) = &args.out {
        save_plan_to(out, &plan)?;
    }
    let shown_at = args.out.as_ref().map_or(kept_at, |out| out.display().to_string());
    let next = next::command(global, ["apply", &shown_at]);
    show(&plan, &inventory, args.all, Some(next), terminal)?;
    Ok(if args.detailed_exitcode && !plan.steps.is_empty() { Exit::Pending } else { Exit::Done })
}

/// Tells of families that match no image, which is mostly a slip.
pub(crate) fn warn_of_unmatched(policy: &Policy, inventory: &Inventory, now: Moment, terminal: &Terminal) {
    for warning in unmatched_families(policy, inventory, now) {
        terminal.note_laid_out(&warning.render(terminal.color_errors()));
    }
}

/// Prints a plan; `next` carries it out.
pub(crate) fn show(
    plan: &Plan,
    inventory: &Inventory,
    all: bool,
    next: Option<CommandLine>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let caps_exceeded: Vec<String> =
        check_limits(plan).err().unwrap_or_default().iter().map(ToString::to_string).collect();
    let report = PlanReport {
        plan,
        inventory: Some(inventory),
        all,
        caps_exceeded: &caps_exceeded,
        next: next.filter(|_| !plan.steps.is_empty() && caps_exceeded.is_empty()),
    };
    terminal.report(|out, output| amictl_report::plan(out, &report, output))
}

/// Who makes a plan without a scan: asked for only where the policy wants to know it, as nothing else needs credentials then.
async fn offline_planner(global: &Global, policy: &Policy, terminal: &Terminal) -> Option<Box<str>> {
    policy.approvals?;
    identity::asked_planner(global, terminal).await
}

/// Judges an inventory and makes the plan.
pub(crate) fn make(policy: &Policy, inventory: &Inventory, now: Moment, planned_by: Option<Box<str>>) -> Plan {
    let clock = wall_clock();
    build(PlanInput {
        policy,
        policy_digest: policy.digest(),
        inventory,
        verdicts: judge(policy, inventory, now),
        created_at: clock.now(),
        now,
        plan_id: new_id(&clock),
        planned_by,
    })
}
