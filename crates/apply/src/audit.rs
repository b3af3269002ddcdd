//! What the audit file of a run says: the verdicts that it acts on with their evidence, every request, and what came of each step.

use amictl_cloud::{Effect, SentCall};
use amictl_model::{AccountId, Moment, Region};
use amictl_plan::{Action, Expects, Plan, PlanCoverage, PlanVerdict, Target};
use serde::Serialize;

use crate::event::{Overruled, RunStarted, RunStatus, StepResult};
use crate::replay::Replay;

/// One line of the file.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AuditLine<'a> {
    /// The first line of each process that works on the run.
    Process(AuditProcess<'a>),
    /// How a source was read that the verdicts rest on.
    Coverage(&'a PlanCoverage),
    /// A verdict that a step acts on.
    Verdict(AuditVerdict<'a>),
    /// A request to AWS.
    Call(AuditCall<'a>),
    /// What came of a step.
    Step(AuditStep<'a>),
    /// The last line, unless the process was killed.
    End {
        /// When.
        at: Moment,
        /// How it stopped.
        status: RunStatus,
    },
}

/// Which process works on which run, and as whom.
#[derive(Debug, Serialize)]
pub struct AuditProcess<'a> {
    /// When it began.
    pub at: Moment,
    /// The version of amictl.
    pub version: &'a str,
    /// `Arn` of the credentials, from `GetCallerIdentity`.
    pub caller: &'a str,
    /// The run.
    pub run: &'a RunStarted,
    /// The policy that the plan was made with.
    pub policy_digest: &'a str,
    /// The inventory that it rests on.
    pub inventory_id: &'a str,
}

/// A verdict that a step acts on.
#[derive(Debug, Serialize)]
pub struct AuditVerdict<'a> {
    /// The step.
    pub step: &'a str,
    /// What it does.
    pub action: Action,
    /// The verdict, with its reasons.
    pub verdict: &'a PlanVerdict,
    /// The image as it was seen.
    pub seen: &'a Expects,
}

/// A request to AWS.
#[derive(Debug, Serialize)]
pub struct AuditCall<'a> {
    /// When it was answered.
    pub at: Moment,
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: &'a Region,
    /// The IAM prefix of the service.
    pub service: &'static str,
    /// The operation.
    pub operation: &'a str,
    /// Whether it changes anything.
    pub mutating: bool,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// AWS's name for it.
    pub request_id: Option<&'a str>,
    /// `ok`, an error code of AWS, or the class of what went wrong without one.
    pub outcome: String,
    /// What AWS or the connection said, when it was not carried out. Attacker-controlled text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    /// Milliseconds from sending to the answer.
    pub millis: u64,
}

/// What came of a step.
#[derive(Debug, Serialize)]
pub struct AuditStep<'a> {
    /// The step.
    pub step: &'a str,
    /// The image, or what else it is about.
    pub image: &'a Target,
    /// Why the image was given back behind the fence, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<&'a str>,
    /// What was seen behind the fence and did not keep it, as somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overruled: Option<&'a Overruled>,
    /// What came of it; nothing while it is not over.
    pub result: Option<&'a StepResult>,
}

impl<'a> AuditCall<'a> {
    /// The line of a request.
    #[must_use]
    pub fn of(account: AccountId, at: Moment, call: &SentCall<'a>) -> Self {
        let outcome = call.error.map(|error| error.code.clone().unwrap_or_else(|| format!("{:?}", error.class)));
        Self {
            at,
            account,
            region: call.region,
            service: call.operation.service.iam_prefix(),
            operation: call.operation.name,
            mutating: call.operation.effect == Effect::Mutating,
            attempt: call.attempt,
            request_id: call.request_id,
            outcome: outcome.unwrap_or_else(|| "ok".to_owned()),
            message: call.error.map(|error| error.message.as_str()),
            millis: u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The lines of a plan: what it rests on, and the verdict of each step.
pub fn evidence(plan: &Plan) -> impl Iterator<Item = AuditLine<'_>> {
    let verdicts = plan.steps.iter().filter_map(|step| {
        let verdict = plan.verdict_of(step.image())?;
        Some(AuditLine::Verdict(AuditVerdict { step: &step.id, action: step.action, verdict, seen: &step.expects }))
    });
    plan.coverage.iter().map(AuditLine::Coverage).chain(verdicts)
}

/// The lines of the steps that something was written of.
pub fn outcomes<'a>(plan: &'a Plan, replay: &'a Replay) -> impl Iterator<Item = AuditLine<'a>> {
    plan.steps.iter().filter_map(|step| {
        let state = replay.steps.get(step.id.as_str())?;
        let (found, result) = (state.found.as_deref(), state.result.as_ref());
        let overruled = state.overruled.as_ref();
        Some(AuditLine::Step(AuditStep { step: &step.id, image: &step.target, found, overruled, result }))
    })
}
