//! What a call meets on its way in.

use std::time::Duration;

use amictl_cloud::{Bucket, OperationSpec};
use amictl_model::Moment;

use super::hook::{Act, DueHooks, Hook};
use super::kind::{FaultKind, Stall};
use super::rule::{FaultRule, FaultRules, Phase};
use super::throttle::{Throttle, Throttling};
use super::{CallCounts, HookPoint, Lag, Latency, Permissions};
use crate::chance::Chance;
use crate::{Caller, Fault, SandboxConfig, dialect};

/// Counts, buckets, rules, hooks, and how long things take.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) throttling: Throttling,
    pub(crate) latency: Latency,
    pub(crate) lag: Lag,
    pub(crate) permissions: Permissions,
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
    /// IAM actions that it needs beside its own.
    pub(crate) further_actions: &'a [&'a str],
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
    pub(crate) fn new(config: SandboxConfig) -> Self {
        let SandboxConfig { clock: _, throttling, faults: rules, permissions, latency, lag, seed } = config;
        let met = vec![0; rules.rules.len()];
        Self {
            throttling,
            latency,
            lag,
            permissions,
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
        let rule = applicable(&self.rules, &mut self.met, self.chance, |rule| rule.is_about(arrival));
        if self.throttling == Throttling::Aws && !self.throttle.take(arrival, now) {
            count.throttled += 1;
            return Verdict::Spoil(After::Fault(dialect::throttled(spec.service)));
        }
        if let Err(fault) = self.permissions.check(spec, caller, arrival.further_actions) {
            count.spoiled += 1;
            return Verdict::Spoil(After::Fault(fault));
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
            kind => match end_of(kind, spec, caller) {
                Some(end) => end,
                None => return Verdict::Pass(Passing::default()),
            },
        };
        match phase {
            Phase::Before => Verdict::Spoil(end),
            Phase::After => Verdict::Pass(Passing { after: Some(end), ..Passing::default() }),
        }
    }

    /// Lets an operation in that a call carries out as part of its own: the rules that name it are about it, but neither
    /// throttling nor the counts. A fault of `Ok` is what it ends with after its effect.
    pub(crate) fn enter_within(&mut self, spec: &OperationSpec, caller: &Caller) -> Result<Option<Fault>, Fault> {
        self.permissions.check(spec, caller, &[])?;
        let is_about = |rule: &FaultRule| rule.is_about_within(spec, caller);
        let Some((kind, phase)) = applicable(&self.rules, &mut self.met, self.chance, is_about) else {
            return Ok(None);
        };
        let fault = end_of(kind, spec, caller).map(|end| match end {
            After::Fault(fault) => fault,
            // Whoever calls from within a service does not wait for ever.
            After::Reset | After::Silence => dialect::internal_error(spec.service),
        });
        match (phase, fault) {
            (Phase::Before, Some(fault)) => Err(fault),
            (_, fault) => Ok(fault),
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

/// How a call ends by a rule of this kind; `None` where it does not end the call.
fn end_of(kind: &FaultKind, spec: &OperationSpec, caller: &Caller) -> Option<After> {
    let fault = match kind {
        FaultKind::Stall(Stall { millis: None }) => return Some(After::Silence),
        FaultKind::Reset => return Some(After::Reset),
        FaultKind::Throttle => dialect::throttled(spec.service),
        FaultKind::ServerError => dialect::internal_error(spec.service),
        FaultKind::Unavailable => dialect::unavailable(spec.service),
        FaultKind::AccessDenied => dialect::denied(spec, caller),
        FaultKind::ExpiredCredentials => dialect::expired_credentials(spec.service),
        FaultKind::Error { code, status, message } => {
            Fault { code: code.clone().into(), message: message.clone(), status: *status }
        }
        FaultKind::Stall(Stall { millis: Some(_) })
        | FaultKind::Truncate
        | FaultKind::RepeatedToken
        | FaultKind::ExpiredPageToken => return None,
    };
    Some(After::Fault(fault))
}

/// Counts the call for every rule that is about it, and finds the first one that applies.
fn applicable<'a>(
    rules: &'a FaultRules,
    met: &mut [u64],
    chance: Chance,
    is_about: impl Fn(&FaultRule) -> bool,
) -> Option<(&'a FaultKind, Phase)> {
    let mut first = None;
    for (stream, (rule, met)) in (0..).zip(rules.rules.iter().zip(met)) {
        if is_about(rule) {
            *met += 1;
            if first.is_none() && rule.when.is_now(*met, || chance.unit(stream, *met)) {
                first = Some((&rule.kind, rule.phase));
            }
        }
    }
    first
}
