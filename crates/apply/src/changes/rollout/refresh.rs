//! Instance refreshes: begun once, and followed to their end.

use std::sync::PoisonError;
use std::time::Duration;

use amictl_cloud::ops::{LaunchTemplateUse, RefreshPreferences, StartInstanceRefresh, StartInstanceRefreshRequest};
use amictl_cloud::{Call, CloudError};
use amictl_plan::{GroupVersion, RolloutGroup};
use tokio::time::{Instant, sleep_until};

use super::look::Seen;
use super::{GroupEnd, Rolling};
use crate::changes::waiting::Ticks;
use crate::context::{Halt, SEEN_AFTER, halt_on_credentials};
use crate::event::{CallOutcome, Event, GroupRefresh, JournalCall, RunEvent};
use crate::mutate::{Sent, send};

impl Rolling<'_> {
    /// Replaces the instances of a group, unless all are as they should be.
    pub(super) async fn refresh(&self, group: &RolloutGroup, version: u64) -> Result<GroupEnd, Halt> {
        let begun = match self.state.produced.refreshes.get(&group.name) {
            Some(id) => Ok(Some(id.clone())),
            None => self.begin(group, version).await?,
        };
        match begun {
            Ok(Some(id)) => {
                let end = self.follow(group, &id, true).await?;
                // What is protected from scale-in or on standby may be left out.
                if matches!(end, GroupEnd::Done) && matches!(self.is_current(group, version).await, Ok(Some(false))) {
                    self.tell(format!("refresh of {}: Successful, and some instances are as they were", group.name));
                }
                Ok(end)
            }
            Ok(None) => Ok(GroupEnd::Done),
            Err(why) => Ok(GroupEnd::Failed(format!("group {}: {why}", group.name))),
        }
    }

    /// Begins the refresh of a group; `None` where there is nothing to replace, the inner error why it could not be begun.
    async fn begin(&self, group: &RolloutGroup, version: u64) -> Result<Result<Option<Box<str>>, String>, Halt> {
        let Ok(_permit) = self.work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
        self.work.check_stop()?;
        if self.over.is_requested() {
            return Ok(Ok(None));
        }
        let looked = async {
            let newest = self.newest(&group.name).await?;
            Ok((newest, self.is_current(group, version).await?))
        };
        let (newest, is_current) = match looked.await {
            Ok(looked) => looked,
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(Err(error.to_string()));
            }
        };
        let meant = self.begun_after(&group.name);
        let after = match &meant {
            // A process that died has begun it.
            Some(after) if **after != *newest.id => {
                let call = JournalCall::Refresh(Box::new(refresh_of(group, after)));
                return self.adopt(call, newest.id).await.map(|id| Ok(Some(id)));
            }
            Some(after) => after.clone(),
            None => newest.id.clone(),
        };
        match is_current {
            None => return Ok(Err("it is gone since the plan".to_owned())),
            Some(true) if meant.is_none() => return Ok(Ok(None)),
            Some(_) => {}
        }
        if newest.is_active() {
            return Ok(Err(format!("refresh {} is under way, which this run has not begun", newest.id)));
        }
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(group.name.clone(), after.clone());
        let request = self.request(group, version);
        let call = JournalCall::Refresh(Box::new(refresh_of(group, &after)));
        self.start(call, &after, &request, meant.is_some()).await.map(|begun| begun.map(Some))
    }

    /// What Auto Scaling is asked for.
    fn request(&self, group: &RolloutGroup, version: u64) -> StartInstanceRefreshRequest {
        let settings = &self.rollout.settings;
        // Auto Scaling rolls back by itself only what cannot move, also when this process is gone.
        let auto_rollback = self.rollout.roll_back && group.is_reversible;
        StartInstanceRefreshRequest {
            group: group.name.to_string(),
            desired: self.desired(group, version),
            preferences: RefreshPreferences {
                min_healthy: settings.min_healthy,
                max_healthy: settings.max_healthy,
                warmup_seconds: settings.warmup_seconds,
                checkpoints: settings.checkpoints.clone(),
                checkpoint_delay_seconds: settings.checkpoint_delay_seconds,
                bake_seconds: settings.bake_seconds,
                alarms: settings.alarms.iter().map(ToString::to_string).collect(),
                // Of what names a parameter, the version is the same before and after.
                skip_matching: self.rollout.parameter().is_none(),
                auto_rollback,
            },
        }
    }

    /// What a group is to start its instances from where it names a version by its number.
    pub(super) fn desired(&self, group: &RolloutGroup, version: u64) -> Option<LaunchTemplateUse> {
        matches!(group.uses, GroupVersion::Pinned(_)).then(|| LaunchTemplateUse {
            id: Some(self.rollout.template.to_string()),
            name: None,
            version: Some(version.to_string()),
            place: LaunchTemplateUse::OF_GROUP,
        })
    }

    /// Starts a refresh, once: a group has one at a time, and any that is newer than the newest by then is the one.
    pub(super) async fn start(
        &self,
        call: JournalCall,
        after: &str,
        request: &StartInstanceRefreshRequest,
        was_meant: bool,
    ) -> Result<Result<Box<str>, String>, Halt> {
        let work = self.work;
        let newer = || async {
            let newest = self.newest(&request.group).await?;
            Ok::<_, CloudError>((*newest.id != *after).then_some(newest.id))
        };
        work.intend(self.id(), call.clone()).await?;
        let send_it = || Call::<StartInstanceRefresh>::call(work.cloud, work.region, request.clone());
        let mut sent = send(send_it, || async { Ok(newer().await?.is_some()) }).await;
        // What a process that died has begun need not be seen yet, and then there cannot be another.
        if was_meant && matches!(sent, Sent::Refused(_)) {
            for wait in SEEN_AFTER {
                tokio::time::sleep(wait).await;
                if let Ok(Some(_)) = newer().await {
                    sent = Sent::Done(None);
                    break;
                }
            }
        }
        let (outcome, begun) = match sent {
            Sent::Done(Some(id)) => (CallOutcome::Refresh(id.clone().into()), Ok(id.into())),
            Sent::Done(None) => match newer().await {
                Ok(Some(id)) => (CallOutcome::Refresh(id.clone()), Ok(id)),
                Ok(None) => lost("the refresh was seen and is not seen any more".to_owned()),
                Err(error) => lost(error.to_string()),
            },
            Sent::Refused(error) => {
                let why = error.to_string();
                work.journal(concluded(self.id(), call, CallOutcome::Failed(why.clone()))).await?;
                halt_on_credentials(&error)?;
                return Ok(Err(why));
            }
            Sent::Unknown(error) => lost(error.to_string()),
        };
        work.journal(concluded(self.id(), call, outcome)).await?;
        Ok(begun)
    }

    /// Takes a refresh for the one that was meant.
    pub(super) async fn adopt(&self, call: JournalCall, id: Box<str>) -> Result<Box<str>, Halt> {
        self.work.intend(self.id(), call.clone()).await?;
        self.work.journal(concluded(self.id(), call, CallOutcome::Refresh(id.clone()))).await?;
        Ok(id)
    }

    /// Follows a refresh to its end; `may_stop` where it ends when that of another group has failed.
    pub(super) async fn follow(&self, group: &RolloutGroup, id: &str, may_stop: bool) -> Result<GroupEnd, Halt> {
        const ENDS: [&str; 6] =
            ["Successful", "Failed", "Cancelled", "RollbackInProgress", "RollbackSuccessful", "RollbackFailed"];
        Ok(match self.wait(&group.name, id, may_stop, |seen| ENDS.contains(&seen.status.as_str())).await? {
            None => GroupEnd::Stopped,
            Some(seen) if seen.status == "Successful" => GroupEnd::Done,
            Some(seen) => GroupEnd::Failed(format!("the refresh of group {} is {}", group.name, seen.words())),
        })
    }

    /// Waits until a refresh has come so far; `None` where that of another group has failed before.
    pub(super) async fn wait(
        &self,
        group: &str,
        id: &str,
        may_stop: bool,
        is_it: impl Fn(&Seen) -> bool,
    ) -> Result<Option<Seen>, Halt> {
        let work = self.work;
        let ticks = Ticks::of(&work.watch());
        let deadline = Instant::now() + Duration::from_secs(self.rollout.wait_seconds);
        let mut last = "it was not seen yet".to_owned();
        loop {
            match self.seen(group, id).await {
                Ok(None) => {}
                Ok(Some(seen)) if is_it(&seen) => return Ok(Some(seen)),
                Ok(Some(seen)) => {
                    let now = come_so_far(&seen);
                    if now != last {
                        self.tell(format!("refresh of {group}: {now}"));
                        last = now;
                    }
                }
                Err(error) => {
                    halt_on_credentials(&error)?;
                    last = error.to_string();
                }
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(Halt::TimedOut(format!("the refresh of {group} in {}: {last}", work.region)));
            }
            if may_stop && self.over.is_requested() {
                return Ok(None);
            }
            tokio::select! {
                () = sleep_until(ticks.after(now).min(deadline)) => {}
                () = self.over.requested(), if may_stop => {}
                () = work.tools.stop.requested() => return Err(Halt::Interrupted),
            }
        }
    }

    pub(super) fn tell(&self, what: String) {
        self.work.tell(&RunEvent::Progress { step: self.id().to_owned(), what });
    }
}

pub(super) fn refresh_of(group: &RolloutGroup, after: &str) -> GroupRefresh {
    GroupRefresh { group: group.name.clone(), after: after.into() }
}

fn come_so_far(seen: &Seen) -> String {
    let left = match seen.progress.instances_to_update {
        1 => "1 instance to replace".to_owned(),
        many => format!("{many} instances to replace"),
    };
    format!("{}, {} %, {left}", seen.status, seen.progress.percentage)
}

fn lost(why: String) -> (CallOutcome, Result<Box<str>, String>) {
    (CallOutcome::Unknown(why.clone()), Err(why))
}

pub(super) fn concluded(step: &str, call: JournalCall, outcome: CallOutcome) -> Event {
    Event::Outcome { step: step.to_owned(), call, outcome }
}
