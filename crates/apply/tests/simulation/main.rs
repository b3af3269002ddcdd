//! Runs of plans in worlds that go wrong by chance, all from one seed: faults, lag, racing launches, templates, parameters, tags and shares,
//! and a process that dies again and again. After each, what must always hold is looked at in the world itself.
//!
//! `AMICTL_SIMULATION_SEEDS=10000` runs more of them; `AMICTL_SIMULATION_SEED=N` runs one, which replays exactly.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adversary;
mod laws;
#[expect(dead_code, reason = "the other tests of runs use more of it")]
#[path = "../suite/story/mod.rs"]
mod story;
mod tamper;

use std::collections::HashMap;
use std::time::Duration;

use amictl_apply::{Event, Journal, RunEnd, RunStatus, Stop};
use amictl_model::{ImageId, ImageState};
use amictl_plan::Plan;
use amictl_sandbox::FaultRules;
use fastrand::Rng;

use adversary::{Watched, watch};
use story::{DEREGISTER, MemoryJournal, Story, disable_policy, started};
use tamper::Tamper;

/// Runs that a check makes.
const SEEDS: u64 = 600;
/// Times that a process dies before one is left alone.
const DEATHS_MAX: u32 = 4;
/// A run with every wait takes less than this of the paused time.
const RUN_SECS_MAX: u64 = 24 * 3600;

/// One world, its plan, and what is watched.
struct Simulation {
    story: Story,
    plan: Plan,
    watched: Watched,
    tamper: Tamper,
}

impl Simulation {
    async fn new(rng: &mut Rng, tamper: Tamper) -> Self {
        let story = Story::new();
        let images = world(&story, rng);
        let policy = match rng.u8(..5) {
            0 => disable_policy(),
            1 | 2 => {
                on_their_way(&story, &images, rng);
                staged_policy()
            }
            _ => DEREGISTER.to_owned(),
        };
        let plan = story.plan(&policy).await;
        let watched = watch(&story, &plan, images);
        adversary::set_loose(&story, &watched, rng);
        Self { story, plan, watched, tamper }
    }

    /// Carries the plan out, dying now and then, until a process is left alone and ends.
    async fn run(&self, rng: &mut Rng) -> Result<MemoryJournal, String> {
        let journal = MemoryJournal::breaking_after(usize::MAX);
        journal.append(started(&self.plan)).await.unwrap();
        for death in 0..=DEATHS_MAX {
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
            let ended = tokio::time::timeout(lives, self.go_on(&journal)).await;
            match ended.unwrap_or_else(|_| Ok(gone())) {
                Err(why) => return Err(why),
                Ok(RunEnd { status: RunStatus::Finished, .. }) => break,
                Ok(end) if last => return Err(format!("a run that nothing disturbs does not end: {end:?}")),
                Ok(_) => journal.mend(),
            }
        }
        Ok(journal)
    }

    /// The error is a journal that no run can have written.
    async fn go_on(&self, journal: &MemoryJournal) -> Result<RunEnd, String> {
        let states = journal.try_replay()?.steps;
        if journal.len() > 1 && journal.append(Event::RunResumed).await.is_err() {
            return Ok(gone());
        }
        Ok(self.tamper.run(&self.story, &self.plan, journal, &states).await)
    }
}

/// The end of a process that died.
fn gone() -> RunEnd {
    RunEnd { status: RunStatus::Stopped, stopped_by: None }
}

/// Images with snapshots of their own or shared ones, some of them used.
fn world(story: &Story, rng: &mut Rng) -> Vec<ImageId> {
    let common = story.snapshot();
    let count = rng.usize(2..9);
    let mut images = Vec::with_capacity(count);
    for number in 0..count {
        let mut snapshots = vec![story.snapshot()];
        if rng.u8(..3) == 0 {
            snapshots.push(common.clone());
        }
        let image = story.image_on(&format!("image-{number}"), &snapshots);
        match rng.u8(..6) {
            0 => story.launch(&image),
            1 => story.change(&image, |image| image.permissions.clear()),
            _ => {}
        }
        images.push(image);
    }
    images
}

/// A policy of three stages, whose waits are over for images that were staged ten days ago.
fn staged_policy() -> String {
    let stages = "[{ deprecate: { after: 1d } }, { disable: { after: 2d } }, { deregister: { after: 3d } }]";
    DEREGISTER.replace("[deregister]", stages).replace("limits:", "protect: [{ tag: { hold: \"*\" } }]\nlimits:")
}

/// Brings some of the images to stages, as earlier runs would have, and holds some of those.
fn on_their_way(story: &Story, images: &[ImageId], rng: &mut Rng) {
    let since = story::now().plus_secs(-10 * story::DAY);
    for id in images {
        let stage = ["", "marked", "deprecate", "disable"][rng.usize(..4)];
        if stage.is_empty() {
            continue;
        }
        let mut tags: Vec<(&str, String)> = vec![
            ("amictl:stage", stage.to_owned()),
            ("amictl:since", since.to_string()),
            ("amictl:policy", "all".to_owned()),
        ];
        if rng.u8(..3) == 0 {
            tags.push(("hold", "yes".to_owned()));
        }
        if stage != "marked" {
            tags.push(("amictl:deprecation", "none".to_owned()));
        }
        if stage == "disable" {
            tags.push(("amictl:shared", "210987654321 end".to_owned()));
        }
        story.change(id, |image| {
            image.tags = tags.into_iter().collect();
            image.deprecation_at = (stage != "marked").then_some(since);
            if stage == "disable" {
                image.state = ImageState::Disabled;
                image.permissions.clear();
            }
        });
    }
}

/// What was wrong with the run of this seed.
fn simulate(seed: u64, tamper: Tamper) -> Vec<String> {
    let mut rng = Rng::with_seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let simulation = Simulation::new(&mut rng, tamper).await;
        let journal = match simulation.run(&mut rng).await.and_then(|journal| journal.try_replay().map(|_| journal)) {
            Ok(journal) => journal,
            Err(why) => return vec![why],
        };
        let mut wrong = laws::of_world(&simulation.story, &simulation.plan, &simulation.watched, &journal);
        wrong.extend(laws::of_a_second_run(&simulation.story, &simulation.plan, &journal).await);
        wrong
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_and_nothing_untrue_is_said() {
    let seeds = match number("AMICTL_SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("AMICTL_SIMULATION_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let wrong = simulate(seed, Tamper::Nothing);
        assert!(wrong.is_empty(), "AMICTL_SIMULATION_SEED={seed} replays it: {wrong:#?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let journal_of = |seed: u64| {
        let mut rng = Rng::with_seed(seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let simulation = Simulation::new(&mut rng, Tamper::Nothing).await;
            simulation.run(&mut rng).await.unwrap().events()
        })
    };
    for seed in 0..20 {
        assert_eq!(journal_of(seed), journal_of(seed), "{seed}");
    }
}

/// Each way to do it wrong is found within so many seeds, or the laws are worth nothing.
#[test]
fn runs_that_leave_out_a_safeguard_are_found_out() {
    for tamper in [Tamper::NoSecondCheck, Tamper::NoIntents, Tamper::EveryOutcomeIsDone] {
        let found = (0..SEEDS).find(|seed| !simulate(*seed, tamper).is_empty());
        assert!(found.is_some(), "{tamper:?} is not found out");
    }
}

/// By step.
type States = HashMap<String, amictl_apply::StepState>;

async fn plainly(story: &Story, plan: &Plan, journal: &dyn Journal, states: &States, counts: bool) -> RunEnd {
    story.carry_on(plan, journal, states, &Stop::default(), counts).await
}
