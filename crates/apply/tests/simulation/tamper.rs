//! Ways to do it wrong, to see that the laws find them.

use std::any::Any;
use std::collections::{HashMap, HashSet};

use amictl_apply::{
    CallOutcome, Event, Fate, Journal, JournalCall, JournalError, RunEnd, RunTools, StepResult, StepState, Stop,
};
use amictl_cloud::ops::{
    DeregisterImageReply, DescribeLaunchTemplateVersionsReply, DescribeLockedSnapshotsReply,
    DescribeSnapshotTierStatusReply, SnapshotReturnCode,
};
use amictl_cloud::{Call, Cloud, CloudError, Clouds, Operation};
use amictl_model::{AccountId, Grantee, Region};
use amictl_plan::{Action, Plan};
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
    /// Snapshots are archived that are locked or shared by themselves.
    HoldsIgnored,
    /// Snapshots are archived that launch templates name.
    NamesIgnored,
    /// Every snapshot is taken to be archived already.
    TiersTakenForGranted,
    /// Snapshots are archived without being written down first.
    NoArchiveIntents,
    /// What was not archived is told as archived.
    EveryFateIsArchived,
}

impl Tamper {
    /// All ways.
    pub(crate) const ALL: [Self; 9] = [
        Self::NoSecondCheck,
        Self::NoIntents,
        Self::EveryOutcomeIsDone,
        Self::CodesIgnored,
        Self::HoldsIgnored,
        Self::NamesIgnored,
        Self::TiersTakenForGranted,
        Self::NoArchiveIntents,
        Self::EveryFateIsArchived,
    ];
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
        let archiving = plan.steps.iter().filter(|step| step.action == Action::ArchiveSnapshots);
        let archiving = archiving.map(|step| step.id.to_string()).collect();
        let journal = Tampered { journal, tamper: self, archiving };
        let deaf = clouds.of(account()).map(|cloud| Deaf(cloud, self));
        let clouds: &dyn Clouds = deaf.as_ref().map_or(clouds, |deaf| deaf);
        let stop = Stop::default();
        let tools = RunTools { clouds, clock: &story.clock, journal: &journal, observer: &(), stop: &stop };
        Story::carry_on_with(tools, plan, states, self != Self::NoSecondCheck).await
    }
}

/// A port that keeps from its caller what it should hear.
struct Deaf<'a>(&'a dyn Cloud, Tamper);

impl<'c, O: Operation> Call<O> for Deaf<'c>
where
    dyn Cloud + 'c: Call<O>,
{
    fn call<'a>(&'a self, region: &'a Region, request: O::Request) -> BoxFuture<'a, Result<O::Reply, CloudError>> {
        async move {
            let mut reply = Call::<O>::call(self.0, region, request).await?;
            self.1.keep_back(O::SPEC.name, &mut reply);
            Ok(reply)
        }
        .boxed()
    }
}

impl Tamper {
    /// Takes out of a reply what is not to be heard.
    fn keep_back(self, operation: &str, reply: &mut dyn Any) {
        match self {
            Self::CodesIgnored => {
                if let Some(reply) = reply.downcast_mut::<DeregisterImageReply>() {
                    for result in reply.snapshots.iter_mut().flatten() {
                        result.code = SnapshotReturnCode::Success;
                    }
                }
            }
            Self::HoldsIgnored => {
                if let Some(reply) = reply.downcast_mut::<DescribeLockedSnapshotsReply>() {
                    reply.snapshots.clear();
                }
                // The launch permissions of images are told in the same form.
                if operation == "DescribeSnapshotAttribute"
                    && let Some(reply) = reply.downcast_mut::<Vec<Grantee>>()
                {
                    reply.clear();
                }
            }
            Self::NamesIgnored => {
                if let Some(reply) = reply.downcast_mut::<DescribeLaunchTemplateVersionsReply>() {
                    reply.versions.iter_mut().for_each(|version| version.snapshots.clear());
                }
            }
            Self::TiersTakenForGranted => {
                if let Some(reply) = reply.downcast_mut::<DescribeSnapshotTierStatusReply>() {
                    reply.snapshots.iter_mut().for_each(|status| status.operation = "archival-completed".to_owned());
                }
            }
            Self::Nothing
            | Self::NoSecondCheck
            | Self::NoIntents
            | Self::EveryOutcomeIsDone
            | Self::NoArchiveIntents
            | Self::EveryFateIsArchived => {}
        }
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
    /// The steps that archive snapshots.
    archiving: HashSet<String>,
}

impl Journal for Tampered<'_> {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        match (self.tamper, event) {
            (Tamper::NoIntents, Event::Intent { .. }) => Box::pin(async { Ok(()) }),
            (
                Tamper::NoArchiveIntents,
                Event::Intent { call: JournalCall::ArchiveSnapshot(_), .. }
                | Event::Outcome { call: JournalCall::ArchiveSnapshot(_), .. },
            ) => Box::pin(async { Ok(()) }),
            (Tamper::EveryFateIsArchived, Event::StepFinished { step, result }) if self.archiving.contains(&step) => {
                self.journal.append(Event::StepFinished { step, result: told_as_archived(result) })
            }
            (Tamper::EveryOutcomeIsDone, event) => self.journal.append(glossed_over(event)),
            (_, event) => self.journal.append(event),
        }
    }
}

/// The result with every snapshot archived that was not.
fn told_as_archived(result: StepResult) -> StepResult {
    let StepResult::Done { mut snapshots } = result else { return result };
    snapshots.iter_mut().for_each(|of| of.fate = Fate::Archived);
    StepResult::Done { snapshots }
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
