//! What a call meets on its way in.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;

use super::hook::{Act, DueHooks, Hook};
use super::rule::{FaultKind, FaultRules, Phase};
use super::throttle::{Throttle, Throttling};
use super::{CallCounts, HookPoint};
use crate::sandbox::Outcome;
use crate::{Caller, Fault};

/// Counts, buckets, rules and hooks.
#[derive(Debug)]
pub(crate) struct Gate {
    throttling: Throttling,
    throttle: Throttle,
    rules: FaultRules,
    /// For every rule, the calls that it was about.
    met: Vec<u64>,
    hooks: Vec<Hook>,
    counts: CallCounts,
}

/// What becomes of a call.
pub(crate) enum Verdict {
    /// It goes on into the world.
    Pass {
        /// The reply's page token is to repeat.
        repeat_token: bool,
        /// How it goes wrong once it has had its effect.
        after: Option<After>,
    },
    /// It is answered by this, without effect.
    Refuse(Fault),
    /// The connection breaks, without effect.
    Reset,
}

/// How a call goes wrong that has had its effect.
pub(crate) enum After {
    /// With this fault.
    Fault(Fault),
    /// Without an answer.
    Reset,
}

impl After {
    pub(crate) fn into_outcome<T>(self) -> Outcome<T> {
        match self {
            Self::Fault(fault) => Outcome::Fault(fault),
            Self::Reset => Outcome::Reset,
        }
    }
}

impl Gate {
    pub(crate) fn new(throttling: Throttling, rules: FaultRules) -> Self {
        let met = vec![0; rules.rules.len()];
        Self { throttling, throttle: Throttle::default(), rules, met, hooks: Vec::new(), counts: CallCounts::new() }
    }

    pub(crate) fn set_faults(&mut self, rules: FaultRules) {
        self.met = vec![0; rules.rules.len()];
        self.rules = rules;
    }

    pub(crate) fn counts(&self) -> CallCounts {
        self.counts.clone()
    }

    pub(crate) fn reset_counts(&mut self) {
        self.counts.clear();
    }

    pub(crate) fn hook(&mut self, point: HookPoint, operation: &str, nth: u64, act: Act) {
        self.hooks.push(Hook { point, operation: operation.to_owned(), calls_left: nth.max(1), act });
    }

    /// Lets a call in, or not.
    pub(crate) fn enter(&mut self, spec: &OperationSpec, caller: &Caller, now: Moment, is_unbounded: bool) -> Verdict {
        let count = self.counts.entry(spec.name).or_default();
        count.calls += 1;
        let rule = applicable(&self.rules, &mut self.met, spec.name, caller);
        if self.throttling == Throttling::Aws && !self.throttle.take(spec, caller, now, is_unbounded) {
            count.throttled += 1;
            return Verdict::Refuse(throttled(spec.service));
        }
        let Some((kind, phase)) = rule else { return Verdict::Pass { repeat_token: false, after: None } };
        let fault = match kind {
            FaultKind::RepeatedToken => return Verdict::Pass { repeat_token: true, after: None },
            FaultKind::Reset => {
                count.spoiled += 1;
                return match phase {
                    Phase::Before => Verdict::Reset,
                    Phase::After => Verdict::Pass { repeat_token: false, after: Some(After::Reset) },
                };
            }
            FaultKind::Throttle => throttled(spec.service),
            FaultKind::ServerError => Fault::new("InternalError", "An internal error has occurred"),
            FaultKind::Error { code, status, message } => {
                Fault { code: code.clone().into(), message: message.clone(), status: *status }
            }
        };
        if *kind == FaultKind::Throttle {
            count.throttled += 1;
        } else {
            count.spoiled += 1;
        }
        match phase {
            Phase::Before => Verdict::Refuse(fault),
            Phase::After => Verdict::Pass { repeat_token: false, after: Some(After::Fault(fault)) },
        }
    }

    /// Takes the hooks that this call sets off.
    pub(crate) fn take_hooks(&mut self, operation: &str) -> DueHooks {
        let mut due = DueHooks::default();
        if self.hooks.is_empty() {
            return due;
        }
        for mut hook in std::mem::take(&mut self.hooks) {
            if hook.operation != operation {
                self.hooks.push(hook);
            } else if hook.calls_left > 1 {
                hook.calls_left -= 1;
                self.hooks.push(hook);
            } else {
                match hook.point {
                    HookPoint::Before => due.before.push(hook.act),
                    HookPoint::After => due.after.push(hook.act),
                }
            }
        }
        due
    }
}

/// Counts the call for every rule that is about it, and finds the first one that applies.
fn applicable<'a>(
    rules: &'a FaultRules,
    met: &mut [u64],
    operation: &str,
    caller: &Caller,
) -> Option<(&'a FaultKind, Phase)> {
    let mut first = None;
    for (rule, met) in rules.rules.iter().zip(met) {
        if rule.is_about(operation, caller) {
            *met += 1;
            if first.is_none() && rule.when.is_now(*met) {
                first = Some((&rule.kind, rule.phase));
            }
        }
    }
    first
}

fn throttled(service: Service) -> Fault {
    match service {
        Service::Ec2 => Fault::new("RequestLimitExceeded", "Request limit exceeded."),
        Service::AutoScaling | Service::Sts | Service::Sns => {
            Fault { code: "Throttling".into(), message: "Rate exceeded".to_owned(), status: 400 }
        }
        Service::S3 => {
            Fault { code: "SlowDown".into(), message: "Please reduce your request rate.".to_owned(), status: 503 }
        }
        Service::Organizations | Service::ServiceQuotas => {
            Fault { code: "TooManyRequestsException".into(), message: "Too many requests".to_owned(), status: 400 }
        }
        Service::Ebs => Fault {
            code: "RequestThrottledException".into(),
            message: "The number of API requests has exceeded the maximum allowed.".to_owned(),
            status: 400,
        },
        Service::Ssm | Service::Rbin | Service::ImageBuilder | Service::CloudControl => {
            Fault { code: "ThrottlingException".into(), message: "Rate exceeded".to_owned(), status: 400 }
        }
    }
}
