//! A run of 200 images whose process is gone at a line of its journal, or in a call: resumed, the account comes to the same end as without.
//!
//! A check makes a spread of cuts; with `AMICTL_CUTS=all` there is one at each line and in each call.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use amictl_apply::{Event, Journal, JournalError, RunStatus, Stop};
use amictl_model::{ImageId, SnapshotId};
use amictl_plan::Plan;
use amictl_sandbox::HookPoint;
use futures::future::BoxFuture;
use tokio::sync::Notify;

use crate::story::{DEREGISTER, MemoryJournal, Story, account, region, started};

const IMAGES: usize = 200;
/// Each of so many is used.
const USED: usize = 20;
/// Cuts of each kind in a check.
const SPREAD: usize = 20;

/// Where to cut among so many places, which begin at 1.
fn spread(places: usize) -> impl Iterator<Item = usize> {
    let all = std::env::var("AMICTL_CUTS").is_ok_and(|cuts| cuts == "all");
    (1..=places).step_by(if all { 1 } else { places.div_ceil(SPREAD) })
}

async fn account_and_plan() -> (Story, Plan) {
    let story = Story::new();
    for number in 0..IMAGES {
        let image = story.image(&format!("image-{number}"));
        if number % USED == 0 {
            story.launch(&image);
        }
    }
    let plan = story.plan(DEREGISTER).await;
    assert_eq!(plan.steps.len(), IMAGES - IMAGES / USED);
    (story, plan)
}

/// What is left in an account: images with their states and whether they are shared, and snapshots.
type Left = (Vec<(ImageId, &'static str, bool)>, Vec<SnapshotId>);

fn left(story: &Story) -> Left {
    let world = story.sandbox.world();
    let scope = world.scope(account(), &region()).unwrap();
    let image =
        |image: &amictl_sandbox::world::Image| (image.id.clone(), image.state.as_str(), !image.permissions.is_empty());
    let mut images: Vec<_> = scope.images().map(image).collect();
    images.sort();
    let mut snapshots: Vec<SnapshotId> = scope.snapshots().map(|snapshot| snapshot.id.clone()).collect();
    snapshots.sort();
    (images, snapshots)
}

/// The end of a process.
#[derive(Default)]
struct Death {
    is_dead: AtomicBool,
    told: Notify,
}

impl Death {
    fn comes(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
        self.told.notify_one();
    }
}

/// The journal of a process that dies at a line, every other time before it is written. A dead process goes on with nothing.
struct Dying<'a> {
    journal: &'a MemoryJournal,
    line: usize,
    death: Arc<Death>,
}

impl Journal for Dying<'_> {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            let is_last = self.journal.len() + 1 == self.line;
            let is_written = !is_last || self.line % 2 == 1;
            if is_written && !self.death.is_dead.load(Ordering::Relaxed) {
                self.journal.append(event).await?;
            }
            if is_last {
                self.death.comes();
            }
            if self.death.is_dead.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

/// A run that goes on until death comes; its journal, and whether death came before its end.
async fn run(story: &Story, plan: &Plan, line: usize, death: &Arc<Death>) -> (MemoryJournal, bool) {
    let journal = MemoryJournal::default();
    journal.append(started(plan)).await.unwrap();
    let dying = Dying { journal: &journal, line, death: Arc::clone(death) };
    let (fresh, stop) = (HashMap::new(), Stop::default());
    let is_cut_off = tokio::select! {
        _ = story.carry_on(plan, &dying, &fresh, &stop, true) => false,
        () = death.told.notified() => true,
    };
    (journal, is_cut_off)
}

/// The account after a run that nothing cuts off, and how many lines that wrote.
async fn whole() -> (Left, usize) {
    let (story, plan) = account_and_plan().await;
    let (journal, is_cut_off) = run(&story, &plan, 0, &Arc::default()).await;
    assert!(!is_cut_off && journal.len() > 6 * plan.steps.len(), "{} lines", journal.len());
    (left(&story), journal.len())
}

async fn resume_and_compare(story: &Story, plan: &Plan, journal: &MemoryJournal, expected: &Left, place: &str) {
    assert_eq!(story.resume(plan, journal).await.status, RunStatus::Finished, "{place}");
    assert_eq!(left(story), *expected, "{place}");
    assert!(story.summary(plan, journal).counts().all_done(), "{place}");
}

#[tokio::test(start_paused = true)]
async fn at_any_line_of_the_journal() {
    let (expected, lines) = whole().await;
    for line in spread(lines).filter(|line| *line > 1) {
        let (story, plan) = account_and_plan().await;
        let (journal, is_cut_off) = run(&story, &plan, line, &Arc::default()).await;
        assert!(is_cut_off, "line {line} of {lines}");
        resume_and_compare(&story, &plan, &journal, &expected, &format!("line {line} of {lines}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn in_any_call_before_and_after_its_effect() {
    let (expected, _) = whole().await;
    for operation in ["DisableImage", "DeregisterImage"] {
        for point in [HookPoint::Before, HookPoint::After] {
            for nth in spread(IMAGES - IMAGES / USED) {
                let (story, plan) = account_and_plan().await;
                let death = Arc::<Death>::default();
                let comes = Arc::clone(&death);
                let at = u64::try_from(nth).unwrap();
                story.sandbox.hook(point, operation, at, move |_, _, _| comes.comes());
                let (journal, is_cut_off) = run(&story, &plan, 0, &death).await;
                let place = format!("{point:?} call {nth} of {operation}");
                assert!(is_cut_off, "{place}");
                resume_and_compare(&story, &plan, &journal, &expected, &place).await;
            }
        }
    }
}
