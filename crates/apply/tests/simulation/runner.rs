//! One run of a plan from one seed, over any port: faults, lag, others at the worst moments, and a process that dies again and again.

use std::sync::Arc;
use std::time::Duration;

use amictl_apply::{Event, Journal, RunEnd, RunStatus};
use amictl_cloud::Clouds;
use amictl_plan::Plan;
use amictl_sandbox::{FaultRules, Sandbox};
use fastrand::Rng;
use futures::future::BoxFuture;

use crate::adversary::{self, Watched, watch};
use crate::laws;
use crate::meddling::meddle;
use crate::story::{MemoryJournal, Story, started};
use crate::tamper::Tamper;
use crate::worlds::{Kind, world};

/// Times that a process dies before one is left alone.
const DEATHS_MAX: u32 = 4;
/// A run with every wait takes less than this of the paused time.
const RUN_SECS_MAX: u64 = 24 * 3600;

/// Times that a run is taken up again when snapshots should be out of the archive.
const WAITS_MAX: u32 = 8;
/// Longer than any of them takes.
const TIER_WAIT: Duration = Duration::from_secs(2 * 24 * 3600);

/// The port that processes speak to the sandbox through. Each has one of its own, and what is dropped sends nothing any more.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    /// Makes one.
    pub(crate) open: for<'a> fn(&'a Sandbox) -> BoxFuture<'a, Box<dyn Clouds>>,
    /// Whether it gives up a call that is never answered.
    pub(crate) gives_up: bool,
}

/// One world, its plan, and what is watched.
pub(crate) struct Simulation {
    story: Story,
    plan: Plan,
    watched: Watched,
    journal: Arc<MemoryJournal>,
    door: Door,
    tamper: Tamper,
}

impl Simulation {
    async fn new(rng: &mut Rng, door: Door, tamper: Tamper) -> Self {
        let story = Story::new();
        let images = world(&story, rng);
        let kind = Kind::by_chance(rng);
        let policy = kind.policy(&story, &images, rng);
        let clouds = (door.open)(&story.sandbox).await;
        let plan = story.plan_through(&*clouds, &policy).await;
        let journal = Arc::new(MemoryJournal::default());
        let watched = watch(&story, &plan, images, &journal);
        adversary::set_loose(&story, &watched, kind, door.gives_up, rng);
        Self { story, plan, watched, journal, door, tamper }
    }

    /// Carries the plan out, dying now and then, until a process is left alone and ends.
    async fn run(&self, rng: &mut Rng) -> Result<(), String> {
        let journal = &self.journal;
        journal.append(started(&self.plan)).await.unwrap();
        let (mut death, mut waits) = (0, 0);
        while death <= DEATHS_MAX {
            meddle(&self.story, &self.plan, &self.watched, journal, rng).await;
            if death == DEATHS_MAX {
                self.story.faults(FaultRules::default().rules);
            }
            journal.break_after(if rng.bool() { journal.len() + rng.usize(1..40) } else { usize::MAX });
            let lives =
                if rng.bool() { Duration::from_secs(rng.u64(1..400)) } else { Duration::from_secs(RUN_SECS_MAX) };
            let last = death == DEATHS_MAX;
            let lives = if last { Duration::from_secs(RUN_SECS_MAX) } else { lives };
            if last {
                journal.mend();
            }
            // The process is gone in the middle of whatever it waits for.
            let ended = tokio::time::timeout(lives, self.go_on()).await;
            match ended.unwrap_or_else(|_| Ok(gone())) {
                Err(why) => return Err(why),
                Ok(RunEnd { status: RunStatus::Finished, .. }) => return Ok(()),
                // What comes out of the archive is waited for, and the run taken up again.
                Ok(RunEnd { status: RunStatus::TimedOut, .. }) if waits < WAITS_MAX => {
                    waits += 1;
                    tokio::time::sleep(TIER_WAIT).await;
                }
                Ok(end) if last => return Err(format!("a run that nothing disturbs does not end: {end:?}")),
                Ok(_) => death += 1,
            }
            journal.mend();
        }
        Ok(())
    }

    /// The error is a journal that no run can have written.
    async fn go_on(&self) -> Result<RunEnd, String> {
        let states = self.journal.try_replay()?.steps;
        if self.journal.len() > 1 && self.journal.append(Event::RunResumed).await.is_err() {
            return Ok(gone());
        }
        let clouds = (self.door.open)(&self.story.sandbox).await;
        Ok(self.tamper.run(&self.story, &*clouds, &self.plan, &self.journal, &states).await)
    }

    /// What must hold after the run and does not.
    async fn wrong(&self) -> Vec<String> {
        if let Err(why) = self.journal.try_replay() {
            return vec![why];
        }
        let mut wrong = laws::of_world(&self.story, &self.plan, &self.watched, &self.journal);
        let clouds = (self.door.open)(&self.story.sandbox).await;
        wrong.extend(laws::of_a_second_run(&self.story, &*clouds, &self.plan, &self.journal).await);
        wrong
    }
}

/// The end of a process that died.
fn gone() -> RunEnd {
    RunEnd { status: RunStatus::Stopped, stopped_by: None }
}

/// Runs what is to be run from this seed, in paused time.
fn in_paused_time<T>(seed: u64, run: impl AsyncFnOnce(&mut Rng) -> T) -> T {
    // How long a retry waits is drawn from the thread's own generator.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(&mut Rng::with_seed(seed)))
}

/// What was wrong with the run of this seed.
pub(crate) fn simulate(seed: u64, door: Door, tamper: Tamper) -> Vec<String> {
    in_paused_time(seed, async |rng| {
        let simulation = Simulation::new(rng, door, tamper).await;
        match simulation.run(rng).await {
            Ok(()) => simulation.wrong().await,
            Err(why) => vec![why],
        }
    })
}

/// What the run of this seed wrote into its journal.
pub(crate) fn journal_of(seed: u64, door: Door) -> Vec<Event> {
    in_paused_time(seed, async |rng| {
        let simulation = Simulation::new(rng, door, Tamper::Nothing).await;
        simulation.run(rng).await.unwrap();
        simulation.journal.events()
    })
}

/// Runs so many seeds, or one in `share` of `AMICTL_SIMULATION_SEEDS`, or the one of `AMICTL_SIMULATION_SEED`.
pub(crate) fn check(in_a_check: u64, share: u64, door: Door) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match (number("AMICTL_SIMULATION_SEED"), number("AMICTL_SIMULATION_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(seeds)) => 0..seeds.div_ceil(share),
        (None, None) => 0..in_a_check,
    };
    for seed in seeds {
        let wrong = simulate(seed, door, Tamper::Nothing);
        assert!(wrong.is_empty(), "AMICTL_SIMULATION_SEED={seed} replays it: {wrong:#?}");
    }
}

/// Each way to do it wrong is found within so many seeds, or the laws are worth nothing.
pub(crate) fn check_that_tampering_is_found(seeds: u64, door: Door) {
    for tamper in Tamper::ALL {
        let found = (0..seeds).find(|seed| !simulate(*seed, door, tamper).is_empty());
        assert!(found.is_some(), "{tamper:?} is not found out");
    }
}
