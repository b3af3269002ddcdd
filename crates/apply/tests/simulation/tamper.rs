//! Ways to do it wrong, to see that the laws find them.

use std::any::Any;
use std::collections::HashMap;

use amictl_apply::{CallOutcome, Event, Fate, Journal, JournalError, RunEnd, RunTools, StepResult, StepState, Stop};
use amictl_cloud::ops::{DeregisterImageReply, SnapshotReturnCode};
use amictl_cloud::{Call, Cloud, CloudError, Clouds, Operation};
use amictl_model::{AccountId, Region};
use amictl_plan::Plan;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::story::{MemoryJournal, Story, account};

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
    /// What AWS says became of each snapshot is not looked at.
    CodesIgnored,
}

impl Tamper {
    /// Carries the plan on through this port, in this way.
    pub(crate) async fn run(
        self,
        story: &Story,
        clouds: &dyn Clouds,
        plan: &Plan,
        journal: &MemoryJournal,
        states: &HashMap<String, StepState>,
    ) -> RunEnd {
        let journal = Tampered { journal, tamper: self };
        let deaf = clouds.of(account()).map(Deaf);
        let clouds: &dyn Clouds = match &deaf {
            Some(deaf) if self == Self::CodesIgnored => deaf,
            _ => clouds,
        };
        let stop = Stop::default();
        let tools = RunTools { clouds, clock: &story.clock, journal: &journal, observer: &(), stop: &stop };
        Story::carry_on_with(tools, plan, states, self != Self::NoSecondCheck).await
    }
}

/// A port whose caller takes every snapshot's return code for success.
struct Deaf<'a>(&'a dyn Cloud);

impl<'c, O: Operation> Call<O> for Deaf<'c>
where
    dyn Cloud + 'c: Call<O>,
{
    fn call<'a>(&'a self, region: &'a Region, request: O::Request) -> BoxFuture<'a, Result<O::Reply, CloudError>> {
        async move {
            let mut reply = Call::<O>::call(self.0, region, request).await?;
            if let Some(reply) = (&mut reply as &mut dyn Any).downcast_mut::<DeregisterImageReply>() {
                for result in reply.snapshots.iter_mut().flatten() {
                    result.code = SnapshotReturnCode::Success;
                }
            }
            Ok(reply)
        }
        .boxed()
    }
}

impl Clouds for Deaf<'_> {
    fn of(&self, _: AccountId) -> Option<&dyn Cloud> {
        Some(self)
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
