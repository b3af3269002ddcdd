//! The stages that need no fence, the tags that tell of a stage, and what gives a staged image back.
//!
//! Each call here can be sent again without harm, so a step that was interrupted is simply gone through once more.

use amictl_cloud::Call;
use amictl_cloud::ops::{
    CreateTags, CreateTagsRequest, DeleteTags, DeleteTagsRequest, DisableImageDeprecation,
    DisableImageDeprecationRequest, EnableImageDeprecation, EnableImageDeprecationRequest,
};
use amictl_model::{Image, ImageId, ImageState, LaunchPermissions, Moment, Tags};
use amictl_plan::{Action, Step};
use amictl_policy::{Reached, SINCE_TAG, STAGE_TAG, Stage, before_stages, is_stage_tag, stage_tags};

use crate::context::{Halt, RegionWork, RunConfig, halt_on_credentials};
use crate::event::{Event, JournalCall, StepResult};
use crate::expects::{difference, difference_of_kept};
use crate::fence::look_whole;
use crate::mutate::{Sent, send_again};
use crate::replay::StepState;
use crate::returning::{self, conclude};
use crate::sweeps::Sweeps;
use crate::{archive, out_of_archive};

/// A call that did not do what it should.
struct Lacking {
    why: String,
    /// Whether it may have done it all the same.
    is_unknown: bool,
}

impl Lacking {
    async fn of(work: &RegionWork<'_>, step: &str, call: JournalCall, sent: Sent<()>) -> Result<Option<Self>, Halt> {
        let is_unknown = matches!(sent, Sent::Unknown(_));
        let failure = conclude(work, step, call, sent).await?;
        Ok(failure.map(|why| Self { why, is_unknown }))
    }

    fn left(self, known: &str, unknown: &str) -> StepResult {
        StepResult::Failed { why: self.why, left: if self.is_unknown { unknown } else { known }.to_owned() }
    }
}

/// Marks or deprecates an image, archives its snapshots, or gives it back.
pub(crate) async fn carry_out(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    first_sweep: Option<&Sweeps>,
) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let recorded = match &state.recorded {
        Some(recorded) => (**recorded).clone(),
        None => match begin(work, config, step, first_sweep).await? {
            Ok(image) => image,
            Err(result) => return Ok(result),
        },
    };
    match step.action {
        Action::Leave => leave(work, step, state, &recorded).await,
        Action::ArchiveSnapshots => {
            if state.recorded.is_some()
                && let Some(result) = archive::no_longer_due(work, config, step, state, &recorded, first_sweep).await?
            {
                return Ok(result);
            }
            archive::Archiving { work, config, step, state, recorded: &recorded, first_sweep }.carry_out().await
        }
        Action::Deprecate => match deprecate(work, step, state, &recorded).await? {
            Some(lacking) => Ok(lacking.left("unchanged", "unknown, may be deprecated")),
            None => tag(work, step, state, &recorded, Reached::Stage(Stage::Deprecate)).await,
        },
        _ => tag(work, step, state, &recorded, Reached::Marked).await,
    }
}

/// Looks whether the image is still what the plan expects, and records it; the inner error ends the step.
async fn begin(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    first_sweep: Option<&Sweeps>,
) -> Result<Result<Image, StepResult>, Halt> {
    let skipped = |why: String| Ok(Err(StepResult::Skipped { why }));
    let is_leaving = step.action == Action::Leave;
    // What gives an image back does no harm, whatever uses it.
    if !is_leaving && let Some(why) = first_sweep.and_then(|sweep| sweep.obstacle(config, step)) {
        return skipped(why);
    }
    let looked = if is_leaving {
        match work.looker.look(step.image()).await {
            Ok(image) => Ok(image),
            Err(error) => {
                halt_on_credentials(&error)?;
                Err(error.to_string())
            }
        }
    } else {
        look_whole(work, step).await?
    };
    let image = match looked {
        Ok(Some(image)) => image,
        Ok(None) => return skipped("gone since the plan".to_owned()),
        Err(why) => return Ok(Err(StepResult::Failed { why, left: "unchanged".to_owned() })),
    };
    let different =
        if is_leaving { difference_of_kept(&step.expects, &image) } else { difference(&step.expects, &image) };
    if let Some(why) = different.or_else(|| no_room(work, step, &image)) {
        return skipped(why);
    }
    if step.action == Action::Deprecate && image.public {
        return skipped("it is public: EC2 would not let its deprecation be taken back".to_owned());
    }
    work.check_stop()?;
    work.journal(Event::Recorded { step: step.id.to_string(), image: Box::new(image.clone()) }).await?;
    Ok(Ok(image))
}

/// Why the image cannot hold the tags of the stage that this step brings it to.
pub(crate) fn no_room(work: &RegionWork<'_>, step: &Step, image: &Image) -> Option<String> {
    let reached = match step.action {
        Action::Mark => Reached::Marked,
        Action::Deprecate => Reached::Stage(Stage::Deprecate),
        Action::Disable => Reached::Stage(Stage::Disable),
        Action::ArchiveSnapshots => Reached::Stage(Stage::ArchiveSnapshots),
        _ => return None,
    };
    let staging = step.staging.as_ref()?;
    stage_tags(reached, work.tools.clock.now(), &staging.family, image).err().map(|no_room| no_room.to_string())
}

/// Deprecates the image from the next minute on, unless it is deprecated already.
async fn deprecate(
    work: &RegionWork<'_>,
    step: &Step,
    state: &StepState,
    image: &Image,
) -> Result<Option<Lacking>, Halt> {
    let now = work.tools.clock.now();
    if state.is_done(&JournalCall::Deprecate) || image.deprecation_at.is_some_and(|at| at <= now) {
        return Ok(None);
    }
    // EC2 counts deprecations in minutes and refuses those of the past.
    let minute = now.as_millis().div_euclid(60_000) + 1;
    let at = Moment::from_millis(minute * 60_000);
    let was_sent = state.may_have(&JournalCall::Deprecate);
    set_deprecation(work, &step.id, JournalCall::Deprecate, was_sent, &image.id, Some(at)).await
}

async fn set_deprecation(
    work: &RegionWork<'_>,
    step: &str,
    call: JournalCall,
    was_sent: bool,
    image: &ImageId,
    at: Option<Moment>,
) -> Result<Option<Lacking>, Halt> {
    work.intend(step, call.clone()).await?;
    let has_happened = || async {
        let found = work.looker.look(image).await?.and_then(|image| image.deprecation_at);
        Ok(match (at, found) {
            (Some(at), Some(found)) => at.seconds_since(found).abs() <= 60,
            (None, found) => found.is_none(),
            (Some(_), None) => false,
        })
    };
    let sent = match at {
        Some(at) => {
            let request = EnableImageDeprecationRequest { image: image.clone(), at };
            let call = || Call::<EnableImageDeprecation>::call(work.cloud, work.region, request.clone());
            send_again(was_sent, call, has_happened).await
        }
        None => {
            let request = DisableImageDeprecationRequest { image: image.clone() };
            let call = || Call::<DisableImageDeprecation>::call(work.cloud, work.region, request.clone());
            send_again(was_sent, call, has_happened).await
        }
    };
    Lacking::of(work, step, call, sent).await
}

/// Sets the tags of the stage that the image has reached; without a family in the plan there are none.
pub(crate) async fn tag(
    work: &RegionWork<'_>,
    step: &Step,
    state: &StepState,
    recorded: &Image,
    reached: Reached,
) -> Result<StepResult, Halt> {
    let done = StepResult::Done { snapshots: Vec::new() };
    let Some(staging) = step.staging.as_ref().filter(|_| !state.is_done(&JournalCall::Tag)) else { return Ok(done) };
    let lacking = match stage_tags(reached, work.tools.clock.now(), &staging.family, recorded) {
        Ok(tags) => {
            let earlier = if state.may_have(&JournalCall::Tag) { Earlier::AtItsTime } else { Earlier::Never };
            set_tags(work, &step.id, earlier, &recorded.id, tags).await?
        }
        Err(no_room) => Some(Lacking { why: no_room.to_string(), is_unknown: false }),
    };
    let Some(lacking) = lacking else { return Ok(done) };
    let (known, unknown) = match reached {
        Reached::Marked => ("unchanged", "unknown, may be marked"),
        Reached::Stage(Stage::Deprecate) => {
            ("deprecated, without the tags of its stage", "deprecated, perhaps without the tags of its stage")
        }
        Reached::Stage(Stage::ArchiveSnapshots) => {
            ("archived, without the tags of its stage", "archived, perhaps without the tags of its stage")
        }
        Reached::Stage(Stage::Disable | Stage::Deregister) => {
            ("disabled, without the tags of its stage", "disabled, perhaps without the tags of its stage")
        }
    };
    Ok(lacking.left(known, unknown))
}

/// What an earlier process may have sent of some tags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Earlier {
    /// Nothing.
    Never,
    /// The same.
    Same,
    /// The same but for when the stage began, which was its own time then.
    AtItsTime,
}

async fn set_tags(
    work: &RegionWork<'_>,
    step: &str,
    earlier: Earlier,
    image: &ImageId,
    tags: Tags,
) -> Result<Option<Lacking>, Halt> {
    work.intend(step, JournalCall::Tag).await?;
    let request = CreateTagsRequest { resource: image.to_string(), tags };
    let is_set = |found: &Image| {
        request.tags.iter().all(|(key, value)| {
            let is_any = earlier == Earlier::AtItsTime && key == SINCE_TAG;
            found.tags.get(key).is_some_and(|found| is_any || found == value)
        })
    };
    let sent = send_again(
        earlier != Earlier::Never,
        || Call::<CreateTags>::call(work.cloud, work.region, request.clone()),
        || async { Ok(work.looker.look(image).await?.as_ref().is_some_and(is_set)) },
    )
    .await;
    Lacking::of(work, step, JournalCall::Tag, sent).await
}

async fn delete_tags(
    work: &RegionWork<'_>,
    step: &str,
    was_sent: bool,
    image: &ImageId,
    keys: Vec<String>,
) -> Result<Option<Lacking>, Halt> {
    work.intend(step, JournalCall::Untag).await?;
    let request = DeleteTagsRequest { image: image.clone(), keys };
    let sent = send_again(
        was_sent,
        || Call::<DeleteTags>::call(work.cloud, work.region, request.clone()),
        || async {
            let found = work.looker.look(image).await?;
            Ok(found.is_none_or(|found| request.keys.iter().all(|key| found.tags.get(key).is_none())))
        },
    )
    .await;
    Lacking::of(work, step, JournalCall::Untag, sent).await
}

/// Takes back what the stages did to an image that is kept again, its tags last: until then a later run sees what is left to do.
async fn leave(work: &RegionWork<'_>, step: &Step, state: &StepState, recorded: &Image) -> Result<StepResult, Halt> {
    let before = before_stages(&recorded.tags);
    // Where somebody else has enabled it, whom it is shared with is theirs to say.
    if recorded.state == ImageState::Disabled
        && let Some(shared_with) = before.shared_with
    {
        // EC2 enables no image whose snapshots are archived; once an earlier process went on to enable it, they were back.
        if !state.may_have(&JournalCall::Enable)
            && let Some(result) = out_of_archive::out_of_archive(work, step, state, recorded).await?
        {
            return Ok(result);
        }
        let launch_permissions = LaunchPermissions::read(shared_with);
        let as_it_was = Image { state: ImageState::Available, launch_permissions, ..recorded.clone() };
        let why = "it is kept again".to_owned();
        let result = if state.may_have(&JournalCall::Enable) {
            returning::go_on_enabling(work, &step.id, &as_it_was, why).await?
        } else {
            returning::enable_again(work, &step.id, &as_it_was, why).await?
        };
        if !matches!(result, StepResult::Returned { .. }) {
            return Ok(result);
        }
    }
    if let Some(deprecation) = before.deprecation.filter(|_| !state.is_done(&JournalCall::Undeprecate))
        && let Some(lacking) =
            put_deprecation_back(work, &step.id, state.may_have(&JournalCall::Undeprecate), recorded, deprecation)
                .await?
    {
        return Ok(lacking.left("available, deprecated by its stage", "available, perhaps deprecated by its stage"));
    }
    let keys = recorded.tags.iter().map(|(key, _)| key).filter(|key| is_stage_tag(key)).map(str::to_owned).collect();
    match delete_tags(work, &step.id, state.may_have(&JournalCall::Untag), &recorded.id, keys).await? {
        None => Ok(StepResult::Done { snapshots: Vec::new() }),
        Some(lacking) => {
            Ok(lacking.left("as it was, with the tags of its stage", "as it was, perhaps with the tags of its stage"))
        }
    }
}

/// Puts the deprecation back that there was; one that is over by now would be refused, and means the same.
async fn put_deprecation_back(
    work: &RegionWork<'_>,
    step: &str,
    was_sent: bool,
    image: &Image,
    before: Option<Moment>,
) -> Result<Option<Lacking>, Halt> {
    if before.is_some_and(|at| at <= work.tools.clock.now()) {
        return Ok(None);
    }
    set_deprecation(work, step, JournalCall::Undeprecate, was_sent, &image.id, before).await
}

/// Why what a step did to an image is not taken back: a later run has brought it to another stage.
pub(crate) async fn moved_on(work: &RegionWork<'_>, step: &Step, recorded: &Image) -> Result<Option<String>, Halt> {
    let own = match step.action {
        Action::Mark => Reached::Marked,
        Action::Deprecate => Reached::Stage(Stage::Deprecate),
        Action::Disable => Reached::Stage(Stage::Disable),
        Action::ArchiveSnapshots => Reached::Stage(Stage::ArchiveSnapshots),
        _ => return Ok(None),
    };
    let now = match work.looker.look(&recorded.id).await {
        Ok(image) => image.and_then(|image| image.tags.get(STAGE_TAG).map(str::to_owned)),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Some(error.to_string()));
        }
    };
    let is_known = now.as_deref() == Some(own.as_str()) || now.as_deref() == recorded.tags.get(STAGE_TAG);
    Ok((!is_known).then(|| {
        let now = now.as_deref().unwrap_or("none");
        format!("a later run has changed its stage (it is `{now}` now): undo that one first")
    }))
}

/// An undo that was cut off is begun anew.
const MAY_HAVE_BEEN_SENT: bool = true;

/// Takes back the deprecation of a stage.
pub(crate) async fn undeprecate(work: &RegionWork<'_>, step: &str, recorded: &Image) -> Result<StepResult, Halt> {
    if let Some(lacking) =
        put_deprecation_back(work, step, MAY_HAVE_BEEN_SENT, recorded, recorded.deprecation_at).await?
    {
        return Ok(lacking.left("deprecated", "unknown, may be deprecated"));
    }
    untag(work, step, recorded, "taken back".to_owned()).await
}

/// Puts the tags of stages back as they were recorded; others are left as they are.
pub(crate) async fn untag(
    work: &RegionWork<'_>,
    step: &str,
    recorded: &Image,
    why: String,
) -> Result<StepResult, Halt> {
    let of_stages = |tags: &Tags| -> Vec<(String, String)> {
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        tags.iter().filter(|(key, _)| is_stage_tag(key)).map(owned).collect()
    };
    let now = match work.looker.look(&recorded.id).await {
        Ok(Some(image)) => of_stages(&image.tags),
        Ok(None) => return Ok(StepResult::Failed { why: "it is gone".to_owned(), left: "gone".to_owned() }),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(StepResult::Failed { why: error.to_string(), left: "with the tags of its stage".to_owned() });
        }
    };
    let before = of_stages(&recorded.tags);
    let added = now.iter().map(|(key, _)| key).filter(|key| before.iter().all(|(have, _)| have != *key));
    let added: Vec<String> = added.cloned().collect();
    let lost: Tags = before.into_iter().filter(|tag| !now.contains(tag)).collect();
    let mut failure = None;
    if !lost.is_empty() {
        failure = set_tags(work, step, Earlier::Same, &recorded.id, lost).await?;
    }
    if failure.is_none() && !added.is_empty() {
        failure = delete_tags(work, step, MAY_HAVE_BEEN_SENT, &recorded.id, added).await?;
    }
    Ok(match failure {
        None => StepResult::Returned { why },
        Some(lacking) => Lacking { why: format!("{why}; {}", lacking.why), ..lacking }
            .left("with the tags of its stage", "perhaps with the tags of its stage"),
    })
}
