//! What must hold before the first call of a run.

use std::fmt;

use amictl_model::{AccountId, Moment};
use amictl_plan::{Approval, Plan, check_limits};
use amictl_policy::Windows;

/// Why a plan is not carried out. Nothing has been changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The plan is older than allowed.
    TooOld {
        /// How old, in seconds.
        age_seconds: i64,
        /// How old it may be.
        max_age_seconds: i64,
    },
    /// The plan is of another account than the credentials.
    OtherAccount {
        /// The plan's account.
        plan: AccountId,
        /// The account of the credentials.
        credentials: AccountId,
    },
    /// The credentials are of another account than expected.
    UnexpectedAccount {
        /// What was expected.
        expected: AccountId,
        /// The account of the credentials.
        credentials: AccountId,
    },
    /// A cap of the policy is exceeded.
    Cap(String),
    /// Far more images would be retired than the last time.
    Jump {
        /// Images that the plan retires.
        retired: u64,
        /// Images that the last run retired.
        last: u64,
        /// `max_jump`.
        max: u64,
    },
    /// The policy's windows are closed.
    Closed {
        /// The windows.
        windows: String,
        /// When one opens, if that is known.
        next: Option<Moment>,
    },
    /// Too few people have approved the plan.
    Unapproved {
        /// The ARNs of those who have.
        by: Vec<Box<str>>,
        /// How many are needed.
        needed: usize,
        /// Whether it is known who made the plan.
        is_planner_known: bool,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld { age_seconds, max_age_seconds } => write!(
                f,
                "the plan is {} old, at most {} is allowed: make a new one (or raise --max-age)",
                hours(*age_seconds),
                hours(*max_age_seconds)
            ),
            Self::OtherAccount { plan, credentials } => {
                write!(f, "the plan is of account {plan}, the credentials are of account {credentials}")
            }
            Self::UnexpectedAccount { expected, credentials } => {
                write!(f, "account {expected} is expected, the credentials are of account {credentials}")
            }
            Self::Cap(text) => f.write_str(text),
            Self::Jump { retired, last, max } => write!(
                f,
                "the plan retires {retired} images, the last run retired {last}, and `max_jump` allows {max} times as many"
            ),
            Self::Closed { windows, next } => {
                write!(f, "the policy allows changes only within its windows ({windows})")?;
                match next {
                    Some(next) => write!(f, ", the next of which opens at {next}"),
                    None => Ok(()),
                }
            }
            Self::Unapproved { by, needed, is_planner_known } => {
                write!(
                    f,
                    "the plan needs the approval of {needed} {}",
                    if *needed == 1 { "person" } else { "people" }
                )?;
                f.write_str(if *is_planner_known {
                    " other than who made it"
                } else {
                    " (one more than the policy asks for, as it is not known who made it)"
                })?;
                match &**by {
                    [] => f.write_str(" and nobody has approved it"),
                    by => write!(f, " and has that of {}: {}", by.len(), by.join(", ")),
                }
            }
        }
    }
}

fn hours(seconds: i64) -> String {
    if seconds >= 3600 { format!("{:.1} h", seconds as f64 / 3600.0) } else { format!("{seconds} s") }
}

/// What the plan is held against.
#[derive(Debug, Clone, Copy)]
pub struct GuardFacts<'a> {
    /// The account of the credentials.
    pub account: AccountId,
    /// The other accounts for which there are credentials, by roles that were assumed.
    pub others: &'a [AccountId],
    /// The account that the user expects.
    pub expected_account: Option<AccountId>,
    /// The time.
    pub now: Moment,
    /// How old the plan may be, in seconds.
    pub max_age_seconds: i64,
    /// Images that the last run that retired any did, if there was one.
    pub last_retired: Option<u64>,
    /// The approvals of the plan; `None` where they are not asked for again, as a run of it has begun.
    pub approvals: Option<&'a [Approval]>,
}

/// All reasons not to carry out this plan.
#[must_use]
pub fn guard(plan: &Plan, facts: GuardFacts<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let age_seconds = facts.now.seconds_since(plan.created_at);
    if age_seconds > facts.max_age_seconds {
        refusals.push(Refusal::TooOld { age_seconds, max_age_seconds: facts.max_age_seconds });
    }
    let is_reached = |account: &AccountId| *account == facts.account || facts.others.contains(account);
    let of_steps = plan.steps.iter().map(|step| step.account);
    let of_verdicts = plan.verdicts.iter().map(|verdict| verdict.account);
    if let Some(account) = of_steps.chain(of_verdicts).find(|account| !is_reached(account)) {
        refusals.push(Refusal::OtherAccount { plan: account, credentials: facts.account });
    }
    if let Some(expected) = facts.expected_account.filter(|expected| *expected != facts.account) {
        refusals.push(Refusal::UnexpectedAccount { expected, credentials: facts.account });
    }
    // What cannot be read may be closed.
    let windows = Windows::read(&plan.windows);
    if !windows.as_ref().is_some_and(|windows| windows.may_act(facts.now)) {
        let next = windows.and_then(|windows| windows.next_opening(facts.now));
        refusals.push(Refusal::Closed { windows: plan.windows.join("; "), next });
    }
    let retired = plan.steps.iter().filter(|step| step.stage().is_some()).count() as u64;
    if let (Some(max), Some(last)) = (plan.limits.max_jump, facts.last_retired)
        && retired > max.saturating_mul(last)
    {
        refusals.push(Refusal::Jump { retired, last, max });
    }
    if let Some(approved) = facts.approvals.map(|approvals| plan.approved(approvals))
        && !approved.is_enough()
    {
        let is_planner_known = plan.planned_by.is_some();
        refusals.push(Refusal::Unapproved { by: approved.by, needed: approved.needed, is_planner_known });
    }
    if let Err(violations) = check_limits(plan) {
        refusals.extend(violations.iter().map(|violation| Refusal::Cap(violation.to_string())));
    }
    refusals
}
