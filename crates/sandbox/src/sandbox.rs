//! The world with everything around it that decides how a call ends: clock, throttling, faults, hooks, latency.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amictl_model::{AccountId, Moment, Region};
use compact_str::CompactString;

use crate::gate::{CallCounts, FaultRules, Gate, HookPoint, Throttling, Verdict};
use crate::ops::{Ctx, Op};
use crate::{Caller, Clock, Fault, World};

/// What a sandbox is like.
#[derive(Debug)]
pub struct SandboxConfig {
    /// Where `now` comes from.
    pub clock: Clock,
    /// Whether calls are throttled.
    pub throttling: Throttling,
    /// What goes wrong, and when.
    pub faults: FaultRules,
    /// How long every call takes.
    pub latency: Duration,
}

impl Default for SandboxConfig {
    /// The wall clock, nothing throttled, no faults, no latency.
    fn default() -> Self {
        Self { clock: Clock::Wall, throttling: Throttling::Off, faults: FaultRules::default(), latency: Duration::ZERO }
    }
}

/// A world that can be called; clones are doors to the same one.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    gate: Mutex<Gate>,
    clock: Clock,
    latency: Duration,
}

/// How a call ended.
pub(crate) enum Outcome<T> {
    /// It was answered.
    Reply(T),
    /// It was refused, or failed.
    Fault(Fault),
    /// The connection breaks without an answer.
    Reset,
}

impl Sandbox {
    /// A sandbox around this world.
    #[must_use]
    pub fn new(world: World, config: SandboxConfig) -> Self {
        Self(Arc::new(Inner {
            world: Mutex::new(world),
            gate: Mutex::new(Gate::new(config.throttling, config.faults)),
            clock: config.clock,
            latency: config.latency,
        }))
    }

    /// The world, to look at it or to change it. Do not hold it over an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How long every call takes.
    #[must_use]
    pub fn latency(&self) -> Duration {
        self.0.latency
    }

    /// The calls so far, by operation.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        self.gate().counts()
    }

    /// Forgets the calls so far.
    pub fn reset_counts(&self) {
        self.gate().reset_counts();
    }

    /// Replaces the faults; their rules count from now on.
    pub fn set_faults(&self, faults: FaultRules) {
        self.gate().set_faults(faults);
    }

    /// Runs `act` on the world once, right before or after the `nth` call (from 1) of an operation such as `DisableImage`
    /// takes effect: the launch at the worst moment.
    pub fn hook(
        &self,
        point: HookPoint,
        operation: &str,
        nth: u64,
        act: impl FnOnce(&mut World, &Caller, Moment) + Send + 'static,
    ) {
        self.gate().hook(point, operation, nth, Box::new(act));
    }

    /// Carries out a call, whichever door it came through.
    pub(crate) fn run<O: Op>(&self, caller: &Caller, dry_run: bool, mut input: O::Input) -> Outcome<O::Output> {
        let now = self.0.clock.now();
        let operation = O::SPEC.name;
        let is_unbounded = O::is_unbounded(&input);
        let verdict = self.gate().enter(&O::SPEC, caller, now, is_unbounded);
        let repeat_token = match &verdict {
            Verdict::Pass { repeat_token, .. } => *repeat_token,
            Verdict::Refuse(fault) => return Outcome::Fault(fault.clone()),
            Verdict::Reset => return Outcome::Reset,
        };
        if let Some(token) = O::token(&mut input).filter(|token| token.as_deref() == Some(REPEATED_TOKEN)) {
            *token = None;
        }
        let hooks = self.gate().take_hooks(operation);
        let mut world = self.world();
        for act in hooks.before {
            act(&mut world, caller, now);
        }
        let ctx = Ctx {
            account: caller.account,
            region: caller.region.clone(),
            access_key: CompactString::clone(&caller.access_key),
            now,
            dry_run,
            is_ec2: O::SPEC.service == amictl_cloud::Service::Ec2,
        };
        let result = available(&world, &ctx, &O::SPEC).and_then(|()| O::run(&mut world, &ctx, input));
        let result = result.and_then(|output| if dry_run { ctx.commit().map(|()| output) } else { Ok(output) });
        for act in hooks.after {
            act(&mut world, caller, now);
        }
        drop(world);
        match verdict {
            Verdict::Pass { after: Some(after), .. } => after.into_outcome(),
            _ => match result {
                Ok(mut output) => {
                    if let Some(token) = O::next_token(&mut output).filter(|_| repeat_token) {
                        *token = Some(REPEATED_TOKEN.to_owned());
                    }
                    Outcome::Reply(output)
                }
                Err(fault) => Outcome::Fault(fault),
            },
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A caller in process.
    pub(crate) fn caller(account: AccountId, region: &Region) -> Caller {
        Caller { account, region: region.clone(), access_key: CompactString::default() }
    }
}

/// The token that a page repeats when a fault rule says so; it stands for the list's beginning.
const REPEATED_TOKEN: &str = "cmVwZWF0ZWQgcGFnZSB0b2tlbg";

/// Whether the caller's Region is there. Global services answer everywhere.
fn available(world: &World, ctx: &Ctx, spec: &amictl_cloud::OperationSpec) -> Result<(), Fault> {
    if matches!(spec.service, amictl_cloud::Service::Sts | amictl_cloud::Service::Organizations) {
        return Ok(());
    }
    match world.regions().iter().find(|info| info.region == ctx.region) {
        Some(info) if info.is_enabled() => Ok(()),
        // AWS answers AuthFailure here as well; OptInRequired is the code that it documents, and says what to do.
        Some(info) => {
            let message =
                format!("You are not subscribed to the Region {}. Enable it for the account first.", info.region);
            Err(Fault::new("OptInRequired", message))
        }
        None => Err(Fault::auth_failure()),
    }
}
