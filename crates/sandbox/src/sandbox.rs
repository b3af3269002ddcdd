//! The world with everything around it that decides how a call ends: clock, throttling, faults, hooks, latency.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amictl_cloud::{Effect, OperationSpec, Service};
use amictl_model::{AccountId, Moment, Region};
use compact_str::CompactString;

use crate::gate::{
    After, Arrival, CallCounts, FaultRules, Gate, HookLog, HookPoint, Lag, LagOfCall, Latency, Passing, Permissions,
    Throttling, Verdict, Within,
};
use crate::once::Once;
use crate::ops::{Ctx, Op};
use crate::wire::{Body, Reply};
use crate::{Caller, Clock, Fault, World};

/// How late tokio's timer is, on the whole: it waits in milliseconds, and rounds up twice.
const TIMER_LATE: Duration = Duration::from_millis(1);

/// What a sandbox is like.
#[derive(Debug, Default)]
pub struct SandboxConfig {
    /// Where `now` comes from; by default the wall clock.
    pub clock: Clock,
    /// Whether calls are throttled; by default they are not.
    pub throttling: Throttling,
    /// What goes wrong, and when; by default nothing.
    pub faults: FaultRules,
    /// Which IAM actions callers may call; by default all.
    pub permissions: Permissions,
    /// How long every call takes; by default no time.
    pub latency: Latency,
    /// How long changes take to be seen; by default no time.
    pub lag: Lag,
    /// What decides about everything that is left to chance: the same seed and the same calls give the same run.
    pub seed: u64,
}

/// A world that can be called; clones are doors to the same one.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    gate: Mutex<Gate>,
    clock: Clock,
    /// Calls that may have changed the world, and other changes.
    changes: AtomicU64,
    hook_log: HookLog,
}

/// What a call asks for.
pub(crate) struct Asked<I> {
    pub(crate) input: I,
    /// `DryRun`.
    pub(crate) dry_run: bool,
    /// Whether it tags what it creates, which needs a permission of its own.
    pub(crate) tags: bool,
}

/// How a call ended.
pub(crate) enum Outcome<T> {
    /// It was answered.
    Reply(T),
    /// It was refused, or failed.
    Fault(Fault),
    /// The connection breaks without an answer.
    Reset,
    /// There is no answer, ever.
    Silence,
}

/// How a call ended, and how its answer travels.
pub(crate) struct Ended<T> {
    pub(crate) outcome: Outcome<T>,
    /// The answer comes so much later.
    pub(crate) delay: Duration,
    /// The reply breaks off in the middle.
    pub(crate) is_truncated: bool,
}

impl<T> From<Outcome<T>> for Ended<T> {
    fn from(outcome: Outcome<T>) -> Self {
        Self { outcome, delay: Duration::ZERO, is_truncated: false }
    }
}

impl<T> From<After> for Ended<T> {
    fn from(after: After) -> Self {
        Self::from(match after {
            After::Fault(fault) => Outcome::Fault(fault),
            After::Reset => Outcome::Reset,
            After::Silence => Outcome::Silence,
        })
    }
}

impl Sandbox {
    /// A sandbox around this world.
    #[must_use]
    pub fn new(world: World, config: SandboxConfig) -> Self {
        let clock = config.clock.clone();
        let gate = Gate::new(config);
        Self(Arc::new(Inner {
            world: Mutex::new(world),
            gate: Mutex::new(gate),
            clock,
            changes: AtomicU64::new(0),
            hook_log: HookLog::default(),
        }))
    }

    /// The world, to look at it or to change it. Do not hold it over an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts another world in place of this one.
    pub fn replace_world(&self, world: World) {
        *self.world() = world;
        self.note_change();
    }

    /// A number that is another one whenever the world may have changed through calls, hooks or [`Sandbox::replace_world`].
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::Relaxed)
    }

    pub(crate) fn note_change(&self) {
        self.0.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
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

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> FaultRules {
        self.gate().faults().clone()
    }

    /// Replaces the faults; their rules count from now on.
    pub fn set_faults(&self, faults: FaultRules) {
        self.gate().set_faults(faults);
    }

    /// Which IAM actions callers may call.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.gate().permissions.clone()
    }

    /// Replaces which IAM actions callers may call.
    pub fn set_permissions(&self, permissions: Permissions) {
        self.gate().permissions = permissions;
    }

    /// Replaces how long every call takes.
    pub fn set_latency(&self, latency: Latency) {
        self.gate().latency = latency;
    }

    /// Replaces how long changes take to be seen; those that were made keep their moment.
    pub fn set_lag(&self, lag: Lag) {
        self.gate().lag = lag;
    }

    /// Switches throttling on or off; the buckets keep their level.
    pub fn set_throttling(&self, throttling: Throttling) {
        self.gate().throttling = throttling;
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

    /// Hooks that have not acted yet.
    #[must_use]
    pub fn pending_hooks(&self) -> usize {
        self.gate().pending_hooks()
    }

    /// Takes away the hooks that have not acted yet.
    pub fn clear_hooks(&self) {
        self.gate().clear_hooks();
    }

    /// What the hooks of [`crate::HookRule`] have done.
    pub(crate) fn hook_log(&self) -> &HookLog {
        &self.0.hook_log
    }

    /// Waits as long as the next call takes to arrive, in tokio's time.
    pub(crate) async fn travel(&self) {
        let latency = self.gate().draw_latency();
        if !latency.is_zero() {
            // Tokio's own time, which may be paused, is never late.
            let late = if matches!(self.0.clock, Clock::Tokio { .. }) { Duration::ZERO } else { TIMER_LATE };
            tokio::time::sleep(latency.saturating_sub(late)).await;
        }
    }

    /// Carries out a call in process.
    pub(crate) fn run<O: Op>(&self, caller: &Caller, input: O::Input) -> Ended<O::Output> {
        self.call::<O, _>(caller, Asked { input, dry_run: false, tags: false }, |world, ctx, run| run(world, ctx))
    }

    /// Carries out a call that came over the wire, unless it is one that came before.
    pub(crate) fn answer<O: Op>(&self, caller: &Caller, asked: Asked<O::Input>, once: Option<Once>) -> Ended<Body> {
        self.call::<O, _>(caller, asked, |world, ctx, run| match once {
            None => run(world, ctx).map(Reply::into_body),
            Some(once) => once.ensure(world, ctx, |world| run(world, ctx).map(Reply::into_body)),
        })
    }

    fn call<O: Op, T>(
        &self,
        caller: &Caller,
        Asked { mut input, dry_run, tags }: Asked<O::Input>,
        answer: impl FnOnce(&mut World, &Ctx, Run<'_, O::Output>) -> Result<T, Fault>,
    ) -> Ended<T> {
        let now = self.0.clock.now();
        let is_unbounded = O::is_unbounded(&input);
        let page_token = O::token(&mut input);
        let has_page_token = page_token.as_ref().is_some_and(|token| token.is_some());
        if let Some(token) = page_token.filter(|token| token.as_deref() == Some(REPEATED_TOKEN)) {
            *token = None;
        }
        let bucket = self.bucket(&O::SPEC, caller, is_unbounded);
        let resource_type = O::resource_type(&input).map(CompactString::from);
        let resource_type = resource_type.as_deref();
        let mut further_actions = O::further_actions(&input);
        if tags {
            further_actions.push("ec2:CreateTags");
        }
        let further_actions = &further_actions;
        let arrival =
            Arrival { spec: &O::SPEC, caller, bucket, is_unbounded, has_page_token, further_actions, resource_type };
        let (passing, hooks, lag) = {
            let mut gate = self.gate();
            let passing = match gate.enter(&arrival, now) {
                Verdict::Pass(passing) => passing,
                Verdict::Spoil(end) => return end.into(),
            };
            let lag = LagOfCall::of(&gate.lag, &O::SPEC);
            (passing, gate.take_hooks(O::SPEC.name), lag)
        };
        if !dry_run && O::SPEC.effect == Effect::Mutating || !hooks.before.is_empty() || !hooks.after.is_empty() {
            self.note_change();
        }
        let Passing { repeat_token, delay, is_truncated, after } = passing;
        let ctx = Ctx {
            account: caller.account,
            region: caller.region.clone(),
            access_key: CompactString::clone(&caller.access_key),
            now,
            dry_run,
            service: O::SPEC.service,
            within: Within::new(self),
        };
        let run = move |world: &mut World, ctx: &Ctx| {
            available(world, ctx, &O::SPEC)?;
            let mut output = O::run(world, ctx, input)?;
            if dry_run {
                ctx.commit()?;
            }
            if let Some(token) = O::next_token(&mut output).filter(|_| repeat_token) {
                *token = Some(REPEATED_TOKEN.to_owned());
            }
            Ok(output)
        };
        let mut world = self.world();
        for act in hooks.before {
            lag.of_hook(&mut world, now);
            act(&mut world, caller, now);
        }
        lag.of_hook(&mut world, now);
        crate::ops::groups::settle::settle(&mut world, &ctx);
        let result = lag.carry_out(&mut world, now, |world| answer(world, &ctx, Box::new(run)));
        // What happens at once has happened before the next call.
        lag.of_hook(&mut world, now);
        crate::ops::groups::settle::settle(&mut world, &ctx);
        for act in hooks.after {
            lag.of_hook(&mut world, now);
            act(&mut world, caller, now);
        }
        world.end_change();
        drop(world);
        let outcome = match (after, result) {
            (Some(after), _) => return after.into(),
            (None, Ok(reply)) => Outcome::Reply(reply),
            (None, Err(fault)) => Outcome::Fault(fault),
        };
        Ended { outcome, delay, is_truncated }
    }

    /// The token bucket of a call: AWS's, or what the account's quotas say where they are looked at.
    fn bucket(&self, spec: &amictl_cloud::OperationSpec, caller: &Caller, is_unbounded: bool) -> amictl_cloud::Bucket {
        if self.gate().is_throttling() {
            let world = self.world();
            return crate::ops::quotas::bucket(world.scope(caller.account, &caller.region), spec, is_unbounded);
        }
        spec.bucket()
    }

    /// The gate. It may be asked for while the world is held, but never the other way round.
    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A caller in process.
    pub(crate) fn caller(account: AccountId, region: &Region) -> Caller {
        Caller { account, region: region.clone(), access_key: CompactString::default() }
    }
}

/// Carries out the operation itself.
type Run<'a, T> = Box<dyn FnOnce(&mut World, &Ctx) -> Result<T, Fault> + 'a>;

/// The token that a page repeats when a fault rule says so; it stands for the list's beginning.
const REPEATED_TOKEN: &str = "cmVwZWF0ZWQgcGFnZSB0b2tlbg";

/// Whether the caller's Region is there. Global services answer everywhere.
fn available(world: &World, ctx: &Ctx, spec: &OperationSpec) -> Result<(), Fault> {
    crate::ops::account::sessions::require_valid(world, ctx, spec)?;
    if matches!(spec.service, Service::Sts | Service::Organizations) {
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
