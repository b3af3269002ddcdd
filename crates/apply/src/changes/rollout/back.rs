//! Puts back what a rollout did by the time that a refresh failed.

use amictl_cloud::ops::{
    CancelInstanceRefresh, CreateLaunchTemplateVersionRequest, EndInstanceRefreshRequest, RefreshPreferences,
    RollbackInstanceRefresh, StartInstanceRefreshRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_plan::{GroupVersion, RolloutGroup, RolloutVersion};
use futures::future::join_all;

use super::look::Seen;
use super::refresh::refresh_of;
use super::template::{Changed, DefaultChange};
use super::{GroupEnd, Rolling};
use crate::changes::one::failed;
use crate::context::{Halt, halt_on_credentials};
use crate::event::{Event, JournalCall, StepResult};
use crate::mutate::send;
use crate::returning::conclude;

impl Rolling<'_> {
    /// Puts back the default version and the instances of each group, as far as that can be; the step has failed.
    pub(super) async fn turn_back(&self, version: u64, why: String) -> Result<StepResult, Halt> {
        let name = &self.rollout.template_name;
        if !self.rollout.roll_back {
            let left = format!("version {version} of {name} is there, nothing was put back");
            return Ok(failed(why, &left));
        }
        if self.state.produced.turned_back.is_none() {
            self.tell(format!("turning back: {why}"));
            self.work.journal(Event::TurnedBack { step: self.id().to_owned(), why: why.clone() }).await?;
        }
        let mut problems = Vec::new();
        problems.extend(self.default_back(version).await?);
        let newest = match self.newest_back().await? {
            Ok(newest) => newest,
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        for back in join_all(self.rollout.groups.iter().map(|group| self.group_back(group, version, newest))).await {
            problems.extend(back?);
        }
        Ok(if problems.is_empty() {
            failed(format!("{why}; rolled back"), &format!("as it was before; version {version} of {name} stays"))
        } else {
            failed(format!("{why}; rolled back, but not all of it"), &problems.join("; "))
        })
    }

    /// What is wrong, if anything is.
    async fn default_back(&self, version: u64) -> Result<Option<String>, Halt> {
        let Some(before) = self.rollout.default_before else { return Ok(None) };
        let change = DefaultChange { call: JournalCall::DefaultVersionBack, from: version, to: before };
        Ok(match change.make(self.work, self.id(), self.rollout).await? {
            Changed::Yes | Changed::Already => None,
            Changed::Other(now) => Some(format!("the default version is {now}, which somebody has set since")),
            Changed::Not(StepResult::Failed { why, .. }) => Some(format!("the default version is {version}: {why}")),
            Changed::Not(_) => Some(format!("the default version is {version}")),
        })
    }

    /// A newest version as it was before, where a group follows the newest one.
    async fn newest_back(&self) -> Result<Result<Option<u64>, String>, Halt> {
        let follows = self.rollout.groups.iter().any(|group| group.uses == GroupVersion::Latest);
        let RolloutVersion::New { like, like_image: Some(image), client_token } = &self.rollout.version else {
            return Ok(Ok(None));
        };
        if !follows {
            return Ok(Ok(None));
        }
        let request = CreateLaunchTemplateVersionRequest {
            template_id: self.rollout.template.to_string(),
            source_version: *like,
            description: Some(format!("amictl rollout turned back, like version {like}")),
            image: image.to_string(),
            client_token: format!("{client_token}-back"),
        };
        Ok(match self.make_version(JournalCall::TemplateVersionBack, &request).await? {
            Ok(number) => Ok(Some(number)),
            Err(StepResult::Failed { why, .. }) => Err(format!("no version like {like} could be made: {why}")),
            Err(_) => Err(format!("no version like {like} could be made")),
        })
    }

    /// Ends the refresh of a group and has its instances replaced back; what is wrong, if anything is.
    async fn group_back(
        &self,
        group: &RolloutGroup,
        version: u64,
        newest: Option<u64>,
    ) -> Result<Option<String>, Halt> {
        let Some(after) = self.begun_after(&group.name) else { return Ok(None) };
        let name = &group.name;
        if let Some(id) = self.back_begun(group).await? {
            return self.follow_back(group, &id).await;
        }
        let ended = match self.end(group, &after).await? {
            Ok(ended) => ended,
            Err(why) => return Ok(Some(format!("group {name}: {why}"))),
        };
        if ended.status == "RollbackSuccessful" || *ended.id == *after {
            return Ok(None);
        }
        let before = if group.uses == GroupVersion::Latest { newest } else { self.before(group) };
        let Some(before) = before.filter(|before| *before != version) else {
            let why = match self.rollout.parameter() {
                Some(parameter) => format!("what {parameter} names is launched until that is rolled back"),
                None => "which version its instances had is not known".to_owned(),
            };
            return Ok(Some(format!("group {name} stays as it is ({}): {why}", ended.status)));
        };
        match self.is_current(group, before).await {
            Ok(None | Some(true)) => return Ok(None),
            Ok(Some(false)) => {}
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(Some(format!("group {name}: {error}")));
            }
        }
        let request = StartInstanceRefreshRequest {
            group: name.to_string(),
            desired: self.desired(group, before),
            preferences: RefreshPreferences { skip_matching: true, ..RefreshPreferences::default() },
        };
        let call = JournalCall::RefreshBack(Box::new(refresh_of(group, &ended.id)));
        match self.start(call, &ended.id, &request, false).await? {
            Ok(id) => self.follow_back(group, &id).await,
            Err(why) => Ok(Some(format!("group {name}: {why}"))),
        }
    }

    /// The refresh back that a process that died has begun.
    async fn back_begun(&self, group: &RolloutGroup) -> Result<Option<Box<str>>, Halt> {
        let meant = self.state.calls.keys().find_map(|call| match call {
            JournalCall::RefreshBack(refresh) if refresh.group == group.name && self.state.may_have(call) => {
                Some((call.clone(), refresh.after.clone()))
            }
            _ => None,
        });
        let Some((call, after)) = meant else { return Ok(None) };
        match self.newest(&group.name).await {
            Ok(newest) if newest.id != after => self.adopt(call, newest.id).await.map(Some),
            Ok(_) => Ok(None),
            Err(error) => {
                halt_on_credentials(&error)?;
                Ok(None)
            }
        }
    }

    async fn follow_back(&self, group: &RolloutGroup, id: &str) -> Result<Option<String>, Halt> {
        Ok(match self.follow(group, id, false).await? {
            GroupEnd::Done | GroupEnd::Stopped => None,
            GroupEnd::Failed(why) => Some(format!("back again, {why}")),
        })
    }

    /// Ends the refresh that was begun after this one, and waits until it is over.
    async fn end(&self, group: &RolloutGroup, after: &str) -> Result<Result<Seen, String>, Halt> {
        let newest = match self.newest(&group.name).await {
            Ok(newest) => newest,
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(Err(error.to_string()));
            }
        };
        if *newest.id == *after || !newest.is_active() {
            return Ok(Ok(newest));
        }
        if !newest.is_ending() {
            let rolled_back = match group.is_reversible {
                true => self.ask(group, JournalCall::RollbackRefresh(group.name.clone())).await?,
                false => Some("it cannot be rolled back".to_owned()),
            };
            if rolled_back.is_some()
                && let Some(why) = self.ask(group, JournalCall::CancelRefresh(group.name.clone())).await?
            {
                return Ok(Err(why));
            }
        }
        self.until_over(group, &newest.id).await
    }

    /// Asks for the end of a refresh; why it was refused, if it was.
    async fn ask(&self, group: &RolloutGroup, call: JournalCall) -> Result<Option<String>, Halt> {
        let work = self.work;
        let request = EndInstanceRefreshRequest { group: group.name.to_string() };
        let is_ending = || async {
            let newest = self.newest(&group.name).await?;
            Ok::<_, CloudError>(newest.is_ending() || !newest.is_active())
        };
        work.intend(self.id(), call.clone()).await?;
        let sent = if matches!(call, JournalCall::RollbackRefresh(_)) {
            let send_it = || Call::<RollbackInstanceRefresh>::call(work.cloud, work.region, request.clone());
            send(send_it, is_ending).await
        } else {
            let send_it = || Call::<CancelInstanceRefresh>::call(work.cloud, work.region, request.clone());
            send(send_it, is_ending).await
        };
        let why = conclude(work, self.id(), call, sent).await?;
        // It may have ended by itself meanwhile.
        if why.is_some() && matches!(is_ending().await, Ok(true)) { Ok(None) } else { Ok(why) }
    }

    /// Waits until a refresh is over, however it ends.
    async fn until_over(&self, group: &RolloutGroup, id: &str) -> Result<Result<Seen, String>, Halt> {
        let ended = self.wait(&group.name, id, false, |seen| !seen.is_active()).await?;
        Ok(ended.ok_or_else(|| "its refresh was not seen to end".to_owned()))
    }
}
