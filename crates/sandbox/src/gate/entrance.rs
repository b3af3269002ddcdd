//! What a call meets on its way in.

use std::time::Duration;

use amictl_cloud::{Bucket, OperationSpec};
use amictl_model::Moment;

use super::hook::{Act, DueHooks, Hook};
use super::kind::{FaultKind, Stall};
use super::rule::{FaultRules, Phase};
use super::throttle::{Throttle, Throttling};
use super::{CallCounts, HookPoint, Lag, Latency};
use crate::chance::Chance;
use crate::{Caller, Fault, dialect};

/// Counts, buckets, rules, hooks, and how long things take.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) throttling: Throttling,
    pub(crate) latency: Latency,
    pub(crate) lag: Lag,
    chance: Chance,
    throttle: Throttle,
    rules: FaultRules,
    /// For every rule, the calls that it was about.
    met: Vec<u64>,
    hooks: Vec<Hook>,
    counts: CallCounts,
    /// Latencies drawn so far.
    drawn: u64,
}

/// A call as it arrives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) spec: &'a OperationSpec,
    pub(crate) caller: &'a Caller,
    /// The token bucket that it draws on.
    pub(crate) bucket: Bucket,
    /// Whether it is neither filtered nor paginated.
    pub(crate) is_unbounded: bool,
    /// Whether it carries a page token.
    pub(crate) has_page_token: bool,
    /// The type of resource that it is about, where there are many.
    pub(crate) resource_type: Option<&'a str>,
}

/// What becomes of a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It goes on into the world.
    Pass(Passing),
    /// It goes wrong here, without effect.
    Spoil(After),
}

/// How a call's answer goes wrong that has had its effect.
#[derive(Debug, Default)]
pub(crate) struct Passing {
    /// The reply's page token is to repeat.
    pub(crate) repeat_token: bool,
    /// The answer comes so much later.
    pub(crate) delay: Duration,
    /// The reply breaks off in the middle.
    pub(crate) is_truncated: bool,
    /// The answer is not what the call came to.
    pub(crate) after: Option<After>,
}

/// How a call ends that goes wrong.
#[derive(Debug)]
pub(crate) enum After {
    /// With this fault.
    Fault(Fault),
    /// With a broken connection.
    Reset,
    /// Without an end.
    Silence,
}

impl Gate {
    pub(crate) fn new(throttling: Throttling, rules: FaultRules, latency: Latency, lag: Lag, seed: u64) -> Self {
        let met = vec![0; rules.rules.len()];
        Self {
            throttling,
            latency,
            lag,
            chance: Chance::new(seed),
            throttle: Throttle::default(),
            rules,
            met,
            hooks: Vec::new(),
            counts: CallCounts::new(),
            drawn: 0,
        }
    }

    pub(crate) fn set_faults(&mut self, rules: FaultRules) {
        self.met = vec![0; rules.rules.len()];
        self.rules = rules;
    }

    pub(crate) fn faults(&self) -> &FaultRules {
        &self.rules
    }

    pub(crate) fn pending_hooks(&self) -> usize {
        self.hooks.len()
    }

    pub(crate) fn clear_hooks(&mut self) {
        self.hooks.clear();
    }

    /// Whether token buckets are looked at.
    pub(crate) fn is_throttling(&self) -> bool {
        self.throttling == Throttling::Aws
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

    /// How long the next call takes to arrive.
    pub(crate) fn draw_latency(&mut self) -> Duration {
        self.drawn += 1;
        self.latency.draw(self.chance, self.drawn)
    }

    /// Lets a call in, or not.
    pub(crate) fn enter(&mut self, arrival: &Arrival<'_>, now: Moment) -> Verdict {
        let Arrival { spec, caller, .. } = *arrival;
        let count = self.counts.entry(spec.name).or_default();
        count.calls += 1;
        let rule = applicable(&self.rules, &mut self.met, self.chance, arrival);
        if self.throttling == Throttling::Aws && !self.throttle.take(arrival, now) {
            count.throttled += 1;
            return Verdict::Spoil(After::Fault(dialect::throttled(spec.service)));
        }
        let Some((kind, phase)) = rule else { return Verdict::Pass(Passing::default()) };
        if *kind == FaultKind::Throttle {
            count.throttled += 1;
        } else if *kind != FaultKind::RepeatedToken {
            count.spoiled += 1;
        }
        let end = match kind {
            FaultKind::RepeatedToken => return Verdict::Pass(Passing { repeat_token: true, ..Passing::default() }),
            FaultKind::Truncate => return Verdict::Pass(Passing { is_truncated: true, ..Passing::default() }),
            FaultKind::Stall(Stall { millis: Some(millis) }) => {
                return Verdict::Pass(Passing { delay: Duration::from_millis(*millis), ..Passing::default() });
            }
            FaultKind::ExpiredPageToken => {
                return Verdict::Spoil(After::Fault(dialect::bad_page_token(spec.service, spec.name)));
            }
            FaultKind::Stall(Stall { millis: None }) => After::Silence,
            FaultKind::Reset => After::Reset,
            FaultKind::Throttle => After::Fault(dialect::throttled(spec.service)),
            FaultKind::ServerError => After::Fault(dialect::internal_error(spec.service)),
            FaultKind::Unavailable => After::Fault(dialect::unavailable(spec.service)),
            FaultKind::AccessDenied => After::Fault(dialect::denied(spec, caller)),
            FaultKind::ExpiredCredentials => After::Fault(dialect::expired_credentials(spec.service)),
            FaultKind::Error { code, status, message } => {
                After::Fault(Fault { code: code.clone().into(), message: message.clone(), status: *status })
            }
        };
        match phase {
            Phase::Before => Verdict::Spoil(end),
            Phase::After => Verdict::Pass(Passing { after: Some(end), ..Passing::default() }),
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
    chance: Chance,
    arrival: &Arrival<'_>,
) -> Option<(&'a FaultKind, Phase)> {
    let mut first = None;
    for (stream, (rule, met)) in (0..).zip(rules.rules.iter().zip(met)) {
        if rule.is_about(arrival) {
            *met += 1;
            if first.is_none() && rule.when.is_now(*met, || chance.unit(stream, *met)) {
                first = Some((&rule.kind, rule.phase));
            }
        }
    }
    first
}
