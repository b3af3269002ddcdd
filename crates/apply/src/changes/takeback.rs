//! Takes back what a command did. Nothing is deleted by that: an image that was made is disabled, and a plan may deregister it.

use amictl_model::{Grantee, Image, ImageId, ImageState, LaunchPermissions, Region};
use amictl_plan::{Change, Rollout, RolloutVersion, Sharing, Step, Target};

use super::one::failed;
use super::{binned, deprecation, done, enabling, protection, publishing, rollout, sharing};
use crate::context::{Halt, RegionWork};
use crate::event::{Event, JournalCall, SeenResource, StepResult};
use crate::fence::look_image;
use crate::replay::StepState;
use crate::undo::{self, Takeback};

/// What can be done about a step; `None` where it has changed nothing.
pub(crate) fn takeback(region: &Region, change: &Change, state: &StepState) -> Option<Takeback> {
    if !state.may_have_changed() {
        return None;
    }
    match change {
        Change::Deprecate { .. } | Change::Undeprecate => Some(Takeback::Undeprecate),
        Change::Disable => Some(Takeback::Enable),
        Change::Enable => Some(Takeback::Disable),
        Change::Protect { .. } | Change::Unprotect => Some(Takeback::Protection),
        Change::Share(_) => Some(Takeback::Sharing),
        Change::Publish(publishing) => Some(match &publishing.before {
            Some(before) => {
                Takeback::Publish { parameter: publishing.parameter.to_string(), value: before.to_string() }
            }
            None => {
                let why = format!("{} is new, and undoing deletes nothing", publishing.parameter);
                Takeback::Impossible(why)
            }
        }),
        Change::DeleteBundle(_) => {
            let why = "objects of S3 do not come back, but for versions that their bucket kept";
            Some(Takeback::Impossible(why.to_owned()))
        }
        Change::DeleteBucket(_) => Some(Takeback::Impossible("a bucket that is deleted does not come back".to_owned())),
        Change::Store(_) => {
            Some(Takeback::Impossible("what was stored stays in its bucket: undoing deletes nothing".to_owned()))
        }
        Change::DeleteSnapshot(_) | Change::DeleteVolume(_) => Some(Takeback::RestoreLeftover { until: None }),
        Change::Terminate(_) => {
            Some(Takeback::Impossible("an instance that was terminated does not come back".to_owned()))
        }
        Change::Restore(..) => {
            let why = "undoing deletes nothing: `amictl deregister`, `snapshots --delete` and `volumes --delete` do";
            Some(Takeback::Impossible(why.to_owned()))
        }
        Change::Rollout(_) if has_turned_back(state) => None,
        Change::Rollout(rollout) => Some(of_rollout(rollout, state)),
        Change::Launch(_) => Some(Takeback::Impossible(of_launch(region, state))),
        Change::Import(_) => Some(Takeback::Impossible(of_import(region, state))),
        Change::Copy(_) | Change::Create(_) | Change::Register(_) | Change::RestoreFromS3(_) => {
            Some(match &state.made {
                Some(made) if state.may_have_made() => Takeback::DisableMade { image: made.clone() },
                Some(made) => Takeback::Impossible(format!("{made} was there before; what was said of it since stays")),
                None => Takeback::Impossible(
                    "whether an image was made could not be found out: look for its name".to_owned(),
                ),
            })
        }
    }
}

/// Whether a rollout has put the default version back by itself.
fn has_turned_back(state: &StepState) -> bool {
    let is_back = !state.may_have(&JournalCall::DefaultVersion) || state.is_done(&JournalCall::DefaultVersionBack);
    state.produced.turned_back.is_some() && is_back
}

/// The default version can be put back; what refreshes replaced is told.
fn of_rollout(rollout: &Rollout, state: &StepState) -> Takeback {
    let version = match rollout.version {
        RolloutVersion::There(version) => Some(version),
        RolloutVersion::New { .. } => state.produced.version,
    };
    let groups: Vec<String> = state.produced.refreshes.keys().map(ToString::to_string).collect();
    let has_set_default = state.may_have(&JournalCall::DefaultVersion);
    match (version, rollout.default_before) {
        (Some(version), Some(before)) if has_set_default => {
            Takeback::DefaultVersion { template: rollout.template_name.to_string(), version, before, groups }
        }
        _ if groups.is_empty() => {
            let why = "a version that nothing uses was made, or may have been; it stays, as undoing deletes nothing";
            Takeback::Impossible(why.to_owned())
        }
        _ => Takeback::Impossible(format!(
            "the instances of {} were replaced: roll the version or the image out that they had",
            groups.join(", ")
        )),
    }
}

/// Undoing ends no instance.
fn of_launch(region: &Region, state: &StepState) -> String {
    let instances = state.produced.instances.join(" ");
    if instances.is_empty() {
        return "whether instances were launched could not be found out: look for the client token".to_owned();
    }
    format!(
        "undoing ends no instances; `aws ec2 terminate-instances --region {region} --instance-ids {instances}` does"
    )
}

fn of_import(region: &Region, state: &StepState) -> String {
    match &state.produced.snapshot {
        Some(snapshot) => {
            format!(
                "undoing deletes nothing; `aws ec2 delete-snapshot --region {region} --snapshot-id {snapshot}` does"
            )
        }
        None => "whether a snapshot was started could not be found out: look for its tag amictl:content".to_owned(),
    }
}

/// Takes back what a step did.
pub(crate) async fn take_back(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    state: &StepState,
    takeback: &Takeback,
) -> Result<StepResult, Halt> {
    work.check_stop()?;
    if change.makes().is_some() {
        let Some(made) = &state.made else {
            return Ok(StepResult::Skipped { why: "it is not known what was made".to_owned() });
        };
        return disable_made(work, step, made).await;
    }
    let is_leftover = matches!(change, Change::DeleteSnapshot(_) | Change::DeleteVolume(_));
    if is_leftover {
        let resource = SeenResource::Binned { target: step.target.clone() };
        work.journal(Event::Seen { step: step.id.to_string(), resource }).await?;
        let result = match &step.target {
            Target::Snapshot(snapshot) => binned::snapshot(work, &step.id, snapshot).await?,
            Target::Volume(volume) => binned::volume(work, &step.id, volume).await?,
            Target::Image(_) | Target::Instance(_) | Target::S3(_) | Target::File(_) => done(),
        };
        return Ok(returned(result, "restored from the Recycle Bin"));
    }
    if let (Change::Rollout(rollout), Takeback::DefaultVersion { version, before, .. }) = (change, takeback) {
        return rollout::put_default_back(work, &step.id, rollout, *version, *before).await;
    }
    let Some(recorded) = &state.recorded else {
        return Ok(StepResult::Skipped { why: "nothing was done to it".to_owned() });
    };
    work.journal(Event::Recorded { step: step.id.to_string(), image: recorded.clone() }).await?;
    let id = step.id.as_str();
    let result = match change {
        Change::Deprecate { .. } | Change::Undeprecate => deprecation_back(work, id, recorded).await?,
        Change::Disable => undo::enable(work, step, recorded).await?,
        Change::Enable => enabling::disable(work, id, &recorded.id).await?,
        Change::Protect { .. } | Change::Unprotect => protection_back(work, id, recorded).await?,
        Change::Share(sharing) => sharing_back(work, id, recorded, sharing, state).await?,
        Change::Publish(publishing) => publishing::put_back(work, id, &recorded.id, publishing).await?,
        Change::Copy(_) | Change::Create(_) | Change::Register(_) | Change::RestoreFromS3(_) => done(),
        Change::DeleteSnapshot(_) | Change::DeleteVolume(_) | Change::Terminate(_) | Change::Restore(..) => done(),
        Change::DeleteBundle(_) | Change::DeleteBucket(_) | Change::Store(_) => done(),
        Change::Rollout(_) | Change::Launch(_) | Change::Import(_) => done(),
    };
    Ok(returned(result, "taken back"))
}

fn returned(result: StepResult, why: &str) -> StepResult {
    match result {
        StepResult::Done { .. } => StepResult::Returned { why: why.to_owned() },
        result => result,
    }
}

/// A deprecation that is over by now cannot be set again.
async fn deprecation_back(work: &RegionWork<'_>, step: &str, recorded: &Image) -> Result<StepResult, Halt> {
    match recorded.deprecation_at {
        Some(at) if at <= work.tools.clock.now() => {
            let why = format!("it was deprecated since {at}, and EC2 sets no time of the past: deprecate it anew");
            Ok(failed(why, "unchanged"))
        }
        at => deprecation::set(work, step, &recorded.id, at).await,
    }
}

async fn protection_back(work: &RegionWork<'_>, step: &str, recorded: &Image) -> Result<StepResult, Halt> {
    use amictl_model::DeregistrationProtection::{Disabled, Enabled, EnabledWithCooldown, Other};
    match recorded.protection {
        Disabled | Other(_) => protection::unprotect(work, step, &recorded.id).await,
        Enabled => protection::protect(work, step, &recorded.id, false).await,
        EnabledWithCooldown => protection::protect(work, step, &recorded.id, true).await,
    }
}

/// Whoever the run let in goes, and whoever it sent away may come back; all others stay as they are.
async fn sharing_back(
    work: &RegionWork<'_>,
    step: &str,
    recorded: &Image,
    sharing: &Sharing,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let before = recorded.launch_permissions.known().unwrap_or_default();
    let had = |grantee: &&Grantee| before.contains(grantee);
    let back = Sharing {
        add: sharing.remove.iter().filter(had).cloned().collect(),
        remove: sharing.add.iter().filter(|grantee| !had(grantee)).cloned().collect(),
        snapshots: false,
    };
    // Snapshots first: while the image is shared, whoever may launch it needs them no less than before.
    for call in state.calls.keys().filter(|call| state.may_have(call)) {
        if let JournalCall::ShareSnapshot(shared) = call {
            let back = Sharing { add: shared.remove.clone(), remove: shared.add.clone(), snapshots: true };
            if let Some(failure) = sharing::share_snapshot(work, step, &shared.id, &back).await? {
                return Ok(failure);
            }
        }
    }
    sharing::share(work, step, &recorded.id, &[], &back).await
}

/// An image that the run made cannot be launched any more, and stays.
async fn disable_made(work: &RegionWork<'_>, step: &Step, made: &ImageId) -> Result<StepResult, Halt> {
    let image = match look_image(work, made).await? {
        Ok(Some(image)) => image,
        Ok(None) => return Ok(StepResult::Returned { why: format!("{made} is gone already") }),
        Err(why) => return Ok(failed(why, "unchanged")),
    };
    if matches!(image.state, ImageState::Pending | ImageState::Transient) {
        let why = format!("{made} is {}: only an available image can be disabled; undo it then", image.state.as_str());
        return Ok(failed(why, "being made"));
    }
    if image.launch_permissions == LaunchPermissions::Unread {
        return Ok(failed("whom it is shared with is not known", "unchanged"));
    }
    work.journal(Event::Recorded { step: step.id.to_string(), image: Box::new(image) }).await?;
    let result = enabling::disable(work, &step.id, made).await?;
    Ok(returned(result, &format!("{made} is disabled, not deleted: a plan can deregister it")))
}
