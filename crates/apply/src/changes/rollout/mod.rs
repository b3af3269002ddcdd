//! A launch template launches another image, and the instances of its Auto Scaling groups are replaced.
//!
//! The version and the default come first, the groups then side by side. Once the refresh of one fails, nothing more is replaced anywhere,
//! and all is put back: what a process that died has begun is told from the journal, and what became of it by looking.

mod back;
mod look;
mod refresh;
mod template;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use amictl_plan::{Rollout, RolloutGroup, RolloutVersion, Step};
use futures::future::join_all;

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork};
use crate::event::{JournalCall, StepResult};
use crate::replay::StepState;
use crate::stop::Stop;

pub(super) use template::put_default_back;

/// A rollout that goes on.
struct Rolling<'a> {
    work: &'a RegionWork<'a>,
    step: &'a Step,
    rollout: &'a Rollout,
    state: &'a StepState,
    /// For each group whose refresh was begun, or may have been: the newest refresh before.
    begun: Mutex<BTreeMap<Box<str>, Box<str>>>,
    /// Whether a refresh has failed, so that the others need not be waited for.
    over: Stop,
}

/// How the refresh of a group ended.
enum GroupEnd {
    /// All instances are as they should be.
    Done,
    /// It failed, and why.
    Failed(String),
    /// Another one has failed.
    Stopped,
}

/// Carries a rollout on from where the journal says it got, to its end.
pub(super) async fn carry_out(
    work: &RegionWork<'_>,
    step: &Step,
    rollout: &Rollout,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let may_have_begun = |call: &JournalCall| match call {
        JournalCall::Refresh(refresh) if state.may_have(call) => Some((refresh.group.clone(), refresh.after.clone())),
        _ => None,
    };
    let begun = state.calls.keys().filter_map(may_have_begun).collect();
    Rolling { work, step, rollout, state, begun: Mutex::new(begun), over: Stop::default() }.roll().await
}

impl Rolling<'_> {
    async fn roll(&self) -> Result<StepResult, Halt> {
        let version = match self.template().await? {
            Ok(version) => version,
            Err(result) => return Ok(result),
        };
        let why = match &self.state.produced.turned_back {
            Some(why) => why.to_string(),
            None => match self.refresh_all(version).await? {
                Some(why) => why,
                None => return Ok(done()),
            },
        };
        self.turn_back(version, why).await
    }

    /// The version that the groups are to launch, which is the default one by then; the inner error ends the step.
    async fn template(&self) -> Result<Result<u64, StepResult>, Halt> {
        let Ok(_permit) = self.work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
        self.work.check_stop()?;
        let version = match self.version().await? {
            Ok(version) => version,
            Err(result) => return Ok(Err(result)),
        };
        if self.state.produced.turned_back.is_none()
            && let Some(result) = self.set_default(version).await?
        {
            return Ok(Err(result));
        }
        Ok(Ok(version))
    }

    /// Refreshes all groups side by side; why one failed, if any did.
    async fn refresh_all(&self, version: u64) -> Result<Option<String>, Halt> {
        let ends = join_all(self.rollout.groups.iter().map(async |group| {
            let end = self.refresh(group, version).await;
            if matches!(end, Ok(GroupEnd::Failed(_))) && self.rollout.roll_back {
                self.over.request();
            }
            end
        }))
        .await;
        let mut failures = Vec::new();
        let mut timed_out = None;
        for end in ends {
            match end {
                Ok(GroupEnd::Done | GroupEnd::Stopped) => {}
                Ok(GroupEnd::Failed(why)) => failures.push(why),
                Err(halt @ Halt::TimedOut(_)) => timed_out = Some(halt),
                Err(halt) => return Err(halt),
            }
        }
        match (failures.is_empty(), timed_out) {
            (false, _) => Ok(Some(failures.join("; "))),
            (true, Some(halt)) => Err(halt),
            (true, None) => Ok(None),
        }
    }

    fn id(&self) -> &str {
        &self.step.id
    }

    /// The newest refresh before the one that was begun in this group, if one was.
    fn begun_after(&self, group: &str) -> Option<Box<str>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).get(group).cloned()
    }

    /// The version that the instances of a group were launched from before; `None` where it cannot be said.
    fn before(&self, group: &RolloutGroup) -> Option<u64> {
        use amictl_plan::GroupVersion::{Default, Latest, Pinned};
        match (group.uses, &self.rollout.version) {
            (Pinned(version), _) => Some(version),
            (Default, _) => self.rollout.default_before,
            (Latest, RolloutVersion::New { like, .. }) => Some(*like),
            (Latest, RolloutVersion::There(_)) => None,
        }
    }
}

/// It ends here, and nothing was done.
fn unchanged(why: impl Into<String>) -> StepResult {
    failed(why, "unchanged")
}
