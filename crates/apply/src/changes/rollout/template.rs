//! The version of the launch template that names the image, and which one is the default.

use amictl_cloud::Call;
use amictl_cloud::ops::{
    CreateLaunchTemplateVersion, CreateLaunchTemplateVersionRequest, ModifyLaunchTemplate, ModifyLaunchTemplateRequest,
};
use amictl_model::ImageState;
use amictl_plan::{Rollout, RolloutVersion};

use super::look::number_of;
use super::{Rolling, unchanged};
use crate::changes::one::failed;
use crate::context::{Halt, RegionWork, SEEN_AFTER, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, StepResult};
use crate::mutate::{Sent, send, send_by_token};
use crate::returning::conclude;

impl Rolling<'_> {
    /// The version that is rolled out: one that is there, or a new one; the inner error ends the step.
    pub(super) async fn version(&self) -> Result<Result<u64, StepResult>, Halt> {
        let RolloutVersion::New { like, client_token, .. } = &self.rollout.version else {
            return self.version_there().await;
        };
        if let Some(made) = self.state.produced.version {
            return Ok(Ok(made));
        }
        if !self.state.may_have_changed()
            && let Some(result) = self.what_has_changed().await?
        {
            return Ok(Err(result));
        }
        let request = CreateLaunchTemplateVersionRequest {
            template_id: self.rollout.template.to_string(),
            source_version: *like,
            description: Some(format!("amictl rollout, like version {like}")),
            image: self.rollout.image.to_string(),
            client_token: client_token.to_string(),
        };
        self.make_version(JournalCall::TemplateVersion, &request).await
    }

    async fn version_there(&self) -> Result<Result<u64, StepResult>, Halt> {
        let RolloutVersion::There(version) = self.rollout.version else { return Ok(Err(unchanged("no version"))) };
        if !self.state.may_have_changed()
            && let Some(result) = self.what_has_changed().await?
        {
            return Ok(Err(result));
        }
        match number_of(self.work, self.rollout, &version.to_string()).await {
            Ok(Some(_)) => Ok(Ok(version)),
            Ok(None) => Ok(Err(StepResult::Skipped { why: format!("version {version} is gone since the plan") })),
            Err(error) => {
                halt_on_credentials(&error)?;
                Ok(Err(unchanged(error.to_string())))
            }
        }
    }

    /// Whether the image or the template is not what the plan was made for any more.
    async fn what_has_changed(&self) -> Result<Option<StepResult>, Halt> {
        let looked = async {
            let image = self.work.looker.look(self.step.image()).await?;
            Ok((image, number_of(self.work, self.rollout, "$Default").await?))
        };
        let (image, default) = match looked.await {
            Ok(looked) => looked,
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(Some(unchanged(error.to_string())));
            }
        };
        let skipped = |why: String| Ok(Some(StepResult::Skipped { why: format!("changed since the plan: {why}") }));
        // What is another account's is not seen so.
        if let Some(image) = image.filter(|image| image.state != ImageState::Available) {
            return skipped(format!("{} is {}", image.id, image.state.as_str()));
        }
        let there = match self.rollout.version {
            RolloutVersion::There(version) => Some(version),
            RolloutVersion::New { .. } => None,
        };
        match (default, self.rollout.default_before) {
            (None, _) => skipped(format!("there is no launch template {}", self.rollout.template)),
            (Some(now), Some(before)) if now != before && Some(now) != there => {
                skipped(format!("its default version is {now}"))
            }
            _ => Ok(None),
        }
    }

    /// Makes a version; the client token lets EC2 make one of however many requests.
    pub(super) async fn make_version(
        &self,
        call: JournalCall,
        request: &CreateLaunchTemplateVersionRequest,
    ) -> Result<Result<u64, StepResult>, Halt> {
        let work = self.work;
        work.intend(self.id(), call.clone()).await?;
        let send_it = || Call::<CreateLaunchTemplateVersion>::call(work.cloud, work.region, request.clone());
        let sent = send_by_token(send_it).await;
        let (outcome, made) = match sent {
            Sent::Done(Some(number)) => (CallOutcome::Version(number), Ok(number)),
            Sent::Done(None) => {
                let why = "the answer was lost".to_owned();
                (CallOutcome::Unknown(why.clone()), Err(failed(why, "unknown: a version may have been made")))
            }
            Sent::Refused(error) => {
                halt_on_credentials(&error)?;
                (CallOutcome::Failed(error.to_string()), Err(unchanged(error.to_string())))
            }
            Sent::Unknown(error) => (
                CallOutcome::Unknown(error.to_string()),
                Err(failed(error.to_string(), "unknown: a version may have been made")),
            ),
        };
        work.journal(Event::Outcome { step: self.id().to_owned(), call, outcome }).await?;
        if let Ok(number) = made {
            self.tell(format!("version {number} of {}", self.rollout.template_name));
        }
        Ok(made)
    }

    fn makes(&self) -> bool {
        matches!(self.rollout.version, RolloutVersion::New { .. })
    }

    /// Makes this version the default one, where it is to be; what ends the step, if anything does.
    pub(super) async fn set_default(&self, version: u64) -> Result<Option<StepResult>, Halt> {
        let Some(before) = self.rollout.default_before else { return Ok(None) };
        let change = DefaultChange { call: JournalCall::DefaultVersion, from: before, to: version };
        Ok(match change.make(self.work, self.id(), self.rollout).await? {
            Changed::Yes | Changed::Already => None,
            Changed::Other(now) => Some(failed(
                format!("the default version of {} is {now} by now", self.rollout.template_name),
                &format!("version {version} is there, and nothing uses it"),
            )),
            Changed::Not(StepResult::Failed { why, left }) if self.makes() => {
                Some(failed(why, &format!("{left}, but for version {version}, which nothing uses")))
            }
            Changed::Not(result) => Some(result),
        })
    }
}

/// Which version is the default one, changed from one to another.
pub(super) struct DefaultChange {
    pub(super) call: JournalCall,
    pub(super) from: u64,
    pub(super) to: u64,
}

/// What came of that.
pub(super) enum Changed {
    Yes,
    /// It was so already.
    Already,
    /// Neither of both is the default one.
    Other(u64),
    /// It could not be.
    Not(StepResult),
}

impl DefaultChange {
    pub(super) async fn make(&self, work: &RegionWork<'_>, step: &str, rollout: &Rollout) -> Result<Changed, Halt> {
        match number_of(work, rollout, "$Default").await {
            Ok(Some(now)) if now == self.to => return Ok(Changed::Already),
            Ok(Some(now)) if now == self.from => {}
            Ok(Some(now)) => return Ok(Changed::Other(now)),
            Ok(None) => return Ok(Changed::Not(unchanged("the launch template is gone"))),
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(Changed::Not(unchanged(error.to_string())));
            }
        }
        work.intend(step, self.call.clone()).await?;
        let request =
            ModifyLaunchTemplateRequest { template_id: rollout.template.to_string(), default_version: self.to };
        let is_so = || async { Ok(number_of(work, rollout, "$Default").await? == Some(self.to)) };
        let call = || Call::<ModifyLaunchTemplate>::call(work.cloud, work.region, request.clone());
        let sent = send(call, is_so).await;
        let left = if matches!(sent, Sent::Unknown(_)) { "unknown: it may be the default" } else { "unchanged" };
        if let Some(why) = conclude(work, step, self.call.clone(), sent).await? {
            return Ok(Changed::Not(failed(why, left)));
        }
        for wait in SEEN_AFTER {
            tokio::time::sleep(wait).await;
            match is_so().await {
                Ok(true) => return Ok(Changed::Yes),
                Ok(false) => {}
                Err(error) => halt_on_credentials(&error)?,
            }
        }
        let why = format!("EC2 took version {} as the default one, and does not show it", self.to);
        Ok(Changed::Not(failed(why, "unknown: it may be the default yet")))
    }
}

/// Takes back which version is the default one. What refreshes replaced stays.
pub(in crate::changes) async fn put_default_back(
    work: &RegionWork<'_>,
    step: &str,
    rollout: &Rollout,
    version: u64,
    before: u64,
) -> Result<StepResult, Halt> {
    let change = DefaultChange { call: JournalCall::DefaultVersionBack, from: version, to: before };
    let name = &rollout.template_name;
    let default = match change.make(work, step, rollout).await? {
        Changed::Yes => format!("the default version of {name} is {before} again"),
        Changed::Already => format!("the default version of {name} was {before} again already"),
        Changed::Other(now) => {
            let why = format!("the default version of {name} is {now} by now: somebody has changed it since");
            return Ok(StepResult::Skipped { why });
        }
        Changed::Not(result) => return Ok(result),
    };
    Ok(StepResult::Returned { why: default })
}
