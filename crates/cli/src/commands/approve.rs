//! `amictl approve`.

use amictl_plan::{APPROVAL_COMMENT_MAX, Approval, person};
use amictl_report::ApprovalReport;

use crate::args::{ApproveArgs, Global};
use crate::clock::wall_clock;
use crate::commands::apply::read_plan;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::{identity, next, state};

/// Keeps the approval of a plan by whoever has the credentials.
pub(crate) async fn run(global: &Global, args: &ApproveArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.comment.as_ref().is_some_and(|comment| comment.chars().count() > APPROVAL_COMMENT_MAX) {
        return Err(Failure::usage(format!("--comment has more than {APPROVAL_COMMENT_MAX} characters")));
    }
    let state = state::open(global).await?;
    let plan = read_plan(&state, &args.plan).await?;
    let caller = identity::caller(global).await?;
    if plan.planned_by.as_deref().is_some_and(|planner| person(planner) == person(&caller.arn)) {
        return Err(Failure::refused(format!("{} made this plan, so somebody else has to approve it", caller.arn))
            .hint("nothing was changed"));
    }
    let approval = Approval {
        plan_id: plan.plan_id.clone(),
        digest: plan.digest.clone(),
        approver: caller.arn.into(),
        approved_at: wall_clock().now(),
        comment: args.comment.as_deref().map(Into::into),
    };
    let is_new = state.save_approval(&approval).await?;
    let approvals = state.approvals(&plan.plan_id).await?;
    // What stands in the state counts, also where the same person has approved it before.
    let is_this =
        |kept: &&Approval| kept.digest == approval.digest && person(&kept.approver) == person(&approval.approver);
    let kept = approvals.iter().find(is_this).unwrap_or(&approval);
    let report = ApprovalReport {
        plan: &plan,
        approval: kept,
        is_new,
        approved: &plan.approved(&approvals),
        next: next::command(global, ["apply", &args.plan]),
    };
    terminal.report(|out, output| amictl_report::approval(out, &report, output))?;
    Ok(Exit::Done)
}
