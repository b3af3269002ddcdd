//! The audit file of a process that works on a run.

use std::sync::Arc;

use amictl_apply::{AuditCall, AuditLine, AuditProcess, Replay, RunStatus, evidence, outcomes};
use amictl_cloud::{CallLog, Clock, SentCall};
use amictl_model::AccountId;
use amictl_plan::Plan;
use amictl_state::{Audit, AuditLines, Store};

use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::Session;

/// Tells the audit file of every request of an account.
#[derive(Debug)]
struct AccountLog {
    account: AccountId,
    clock: Clock,
    lines: AuditLines,
}

impl CallLog for AccountLog {
    fn sent(&self, call: SentCall<'_>) {
        self.lines.append(&AuditLine::Call(AuditCall::of(self.account, self.clock.now(), &call)));
    }
}

/// Begins the audit file: who works on which run, on what evidence; every request from now on is told to it.
pub(crate) async fn begin(
    state: &Store,
    session: &Session,
    plan: &Plan,
    replay: &Replay,
    clock: &Clock,
    terminal: &Terminal,
) -> Result<Audit, Failure> {
    let (place, audit) = state.create_audit(&replay.run.run_id).await?;
    terminal.note(&format!("audit: {place}"));
    let lines = audit.lines();
    lines.append(&AuditLine::Process(AuditProcess {
        at: clock.now(),
        version: env!("CARGO_PKG_VERSION"),
        caller: &session.caller,
        run: &replay.run,
        policy_digest: &plan.policy_digest,
        inventory_id: &plan.inventory_id,
    }));
    evidence(plan).for_each(|line| lines.append(&line));
    for (account, cloud) in session.by_account() {
        cloud.log_to(Arc::new(AccountLog { account, clock: clock.clone(), lines: lines.clone() }));
    }
    Ok(audit)
}

/// Ends it with what came of each step. That it could not be written is told, and changes nothing of the run.
pub(crate) async fn end(
    audit: Audit,
    plan: &Plan,
    replay: &Replay,
    status: RunStatus,
    clock: &Clock,
    terminal: &Terminal,
) {
    let lines = audit.lines();
    outcomes(plan, replay).for_each(|line| lines.append(&line));
    lines.append(&AuditLine::End { at: clock.now(), status });
    if let Err(error) = audit.close().await {
        terminal.note(&format!("the audit file is not whole: {error}"));
    }
}
