//! Ways to do it wrong, to see that the laws find them.

use amictl_apply::{CallOutcome, Event, Fate, Journal, JournalError, RunEnd, StepResult};
use amictl_plan::Plan;
use futures::future::BoxFuture;

use crate::story::{MemoryJournal, Story};
use crate::{States, plainly};

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tamper {
    /// Nothing.
    Nothing,
    /// What is found behind the fence counts for nothing.
    NoSecondCheck,
    /// Calls are sent without being written down first.
    NoIntents,
    /// What went wrong with a snapshot is told as done.
    EveryOutcomeIsDone,
}

impl Tamper {
    pub(crate) async fn run(self, story: &Story, plan: &Plan, journal: &MemoryJournal, states: &States) -> RunEnd {
        let tampered = Tampered { journal, tamper: self };
        plainly(story, plan, &tampered, states, self != Self::NoSecondCheck).await
    }
}

struct Tampered<'a> {
    journal: &'a MemoryJournal,
    tamper: Tamper,
}

impl Journal for Tampered<'_> {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        match (self.tamper, event) {
            (Tamper::NoIntents, Event::Intent { .. }) => Box::pin(async { Ok(()) }),
            (Tamper::EveryOutcomeIsDone, event) => self.journal.append(glossed_over(event)),
            (_, event) => self.journal.append(event),
        }
    }
}

/// The event with everything gone well.
fn glossed_over(event: Event) -> Event {
    let glossed = |fates: &mut Vec<amictl_apply::SnapshotFate>| {
        for of in fates.iter_mut().filter(|of| matches!(of.fate, Fate::Failed(_) | Fate::Kept(_))) {
            of.fate = Fate::Deleted;
        }
    };
    match event {
        Event::Outcome { step, call, outcome: CallOutcome::Deregistered(mut fates) } => {
            glossed(&mut fates);
            Event::Outcome { step, call, outcome: CallOutcome::Deregistered(fates) }
        }
        Event::StepFinished { step, result: StepResult::Done { mut snapshots } } => {
            glossed(&mut snapshots);
            Event::StepFinished { step, result: StepResult::Done { snapshots } }
        }
        event => event,
    }
}
