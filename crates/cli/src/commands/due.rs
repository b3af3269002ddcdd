//! `amictl run`: what is due, once: first what schedules make, then what retires.

use amictl_model::{Inventory, Moment};
use amictl_policy::Policy;
use amictl_report::{DueOutcome, DueReport};
use amictl_state::Store;

use crate::args::{DueArgs, Global};
use crate::clock::wall_clock;
use crate::commands::apply::carry_out_plan;
use crate::commands::inventory::take;
use crate::commands::plan;
use crate::commands::schedules::{Made, Making};
use crate::exit::{Exit, Failure};
use crate::notices::{Telling, Told};
use crate::output::Terminal;
use crate::pipeline::load_policy;
use crate::session::Session;
use crate::{identity, next, state};

/// Scans, tells owners, plans and applies.
pub(crate) async fn run(global: &Global, args: &DueArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let state = state::open(global).await?;
    state.check_writable().await?;
    let due = Due { global, args, terminal, parts: terminal.of_part(), policy, state };
    let (report, exit) = due.carry_out().await?;
    terminal.report(|out, output| amictl_report::due(out, &report, output))?;
    Ok(exit)
}

struct Due<'a> {
    global: &'a Global,
    args: &'a DueArgs,
    terminal: &'a Terminal,
    /// For what each part has to say.
    parts: Terminal,
    policy: Policy,
    state: Store,
}

impl Due<'_> {
    async fn carry_out(&self) -> Result<(DueReport, Exit), Failure> {
        let moment = wall_clock().now();
        let closed = (!self.policy.windows.may_act(moment)).then(|| closed(&self.policy, moment));
        // Windows are about changes to images that there are: what is made, and what is told, has its own times.
        if let (Some(message), None, []) = (&closed, &self.policy.notify, &*self.policy.schedules) {
            return Ok((report(DueOutcome::Closed, message), Exit::Done));
        }
        let now = self.args.now.unwrap_or(moment);
        let session = Session::open(self.global, self.terminal).await?;
        let made = self.make(&session, now).await?;
        let with_made = |(report, exit): (DueReport, Exit)| {
            let failed = made.exit != Exit::Done;
            let report =
                DueReport { images_made: made.images, copies_made: made.copies, making_failed: failed, ..report };
            (report, if exit == Exit::Done || exit == Exit::Pending { made.exit.or(exit) } else { exit })
        };
        if made.exit == Exit::Interrupted {
            let message = "Interrupted: `amictl resume` goes on from the journal.";
            return Ok(with_made((report(DueOutcome::Interrupted, message), Exit::Interrupted)));
        }
        // What was just made is to be counted.
        let now = self.args.now.unwrap_or_else(|| wall_clock().now());
        self.retire(&session, now, closed).await.map(with_made)
    }

    /// Makes what the policy's schedules ask for.
    async fn make(&self, session: &Session, now: Moment) -> Result<Made, Failure> {
        let making = Making {
            global: self.global,
            state: &self.state,
            session,
            schedules: &self.policy.schedules,
            args: &self.args.run,
            terminal: &self.parts,
        };
        if self.policy.schedules.is_empty() {
            return Ok(Made { images: 0, copies: 0, exit: Exit::Done });
        }
        making.carry_out(now).await
    }

    /// Tells owners, plans and applies.
    async fn retire(
        &self,
        session: &Session,
        now: Moment,
        closed: Option<String>,
    ) -> Result<(DueReport, Exit), Failure> {
        if let (Some(message), None) = (&closed, &self.policy.notify) {
            return Ok((report(DueOutcome::Closed, message), Exit::Done));
        }
        let inventory = take(self.global, session, &self.policy, now, self.terminal).await?;
        self.state.save_inventory(&inventory).await?;
        plan::warn_of_unmatched(&self.policy, &inventory, now, self.terminal);
        let told = self.tell(&inventory, now).await?;
        let so_far = |outcome, message: &str| DueReport {
            inventory_id: Some(inventory.id.clone()),
            notices_sent: told.sent() as u64,
            notices_failed: told.failed() as u64,
            ..report(outcome, message)
        };
        if told.failed() > 0 {
            let message = "Owners could not be told, so nothing was changed; the next run tries again.";
            return Ok((so_far(DueOutcome::NoticesFailed, message), Exit::Partial));
        }
        if let Some(message) = &closed {
            return Ok((so_far(DueOutcome::Closed, message), Exit::Done));
        }
        self.plan_and_apply(session, &inventory, now, so_far).await
    }

    async fn tell(&self, inventory: &Inventory, now: Moment) -> Result<Told, Failure> {
        let Some(notify) = &self.policy.notify else { return Ok(Told::default()) };
        let telling = Telling { global: self.global, state: &self.state, policy: &self.policy, notify, inventory, now };
        let told = telling.tell(false).await?;
        telling.show(&told, &self.parts)?;
        Ok(told)
    }

    async fn plan_and_apply(
        &self,
        session: &Session,
        inventory: &Inventory,
        now: Moment,
        so_far: impl Fn(DueOutcome, &str) -> DueReport,
    ) -> Result<(DueReport, Exit), Failure> {
        let planned_by = identity::planner(self.global, session, self.terminal).await;
        let plan = plan::make(&self.policy, inventory, now, planned_by);
        let place = self.state.save_plan(&plan).await?;
        plan::show(&plan, inventory, false, None, &self.parts)?;
        let so_far = |outcome, message: &str| DueReport {
            plan_id: Some(plan.plan_id.clone()),
            plan: Some(place.clone()),
            digest: Some(plan.digest.clone()),
            steps: plan.steps.len() as u64,
            ..so_far(outcome, message)
        };
        if plan.steps.is_empty() {
            return Ok((so_far(DueOutcome::NothingDue, "Nothing is due."), Exit::Done));
        }
        if plan.approvals.is_some() {
            let message = "The policy asks for approvals, so nothing was changed: the plan waits for them.";
            let mut report = so_far(DueOutcome::ApprovalNeeded, message);
            report.next = vec![
                ("For others, to approve it", next::command(self.global, ["approve", &place])),
                ("Then, to carry it out", next::command(self.global, ["apply", &place])),
            ];
            let exit = if self.args.detailed_exitcode { Exit::Pending } else { Exit::Done };
            return Ok((report, exit));
        }
        let applied = carry_out_plan(self.global, &self.state, session, &plan, &self.args.run, &self.parts).await?;
        let (outcome, message) = match applied.exit {
            Exit::Done => (DueOutcome::Applied, "What was due is done."),
            Exit::Interrupted => (DueOutcome::Interrupted, "Interrupted: `amictl resume` goes on from the journal."),
            _ => (DueOutcome::Partial, "Some steps were not done."),
        };
        let report = DueReport { run_id: Some(applied.run_id), ..so_far(outcome, message) };
        Ok((report, applied.exit))
    }
}

fn closed(policy: &Policy, now: Moment) -> String {
    let windows = &policy.windows;
    let next =
        windows.next_opening(now).map_or_else(String::new, |next| format!(", the next of which opens at {next}"));
    format!("The policy's windows ({windows}) are closed{next}: nothing was changed.")
}

fn report(outcome: DueOutcome, message: &str) -> DueReport {
    DueReport {
        outcome,
        message: message.to_owned(),
        inventory_id: None,
        images_made: 0,
        copies_made: 0,
        making_failed: false,
        notices_sent: 0,
        notices_failed: 0,
        plan_id: None,
        plan: None,
        digest: None,
        steps: 0,
        run_id: None,
        next: Vec::new(),
    }
}
