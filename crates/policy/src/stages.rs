//! The stages of retirement: how far an image has come, by its tags, and what is next. Pure.
//!
//! Waits are kept between stages also when a run is late: what counts is when the stage before was reached, so that an image is never
//! disabled and deregistered in the same breath because nobody ran amictl for a month.

use amictl_model::{Image, ImageState, Moment, Tags};

use crate::policy::Family;
use crate::{Duration, Retirement, Stage};

/// The tag that tells which stage an image has reached: `marked`, `deprecate`, `disable`, `archive_snapshots`.
pub const STAGE_TAG: &str = "amictl:stage";
/// The tag that tells when it reached that stage, in RFC 3339.
pub const SINCE_TAG: &str = "amictl:since";
/// The tag that tells which family of the policy it was staged by.
pub const POLICY_TAG: &str = "amictl:policy";

/// How far an image has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It was seen to be unused, and the wait for the first stage runs.
    Marked,
    /// This stage was carried out.
    Stage(Stage),
}

impl Reached {
    /// The value of [`STAGE_TAG`].
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Stage(stage) => stage.as_str(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let stages = [Stage::Deprecate, Stage::Disable, Stage::ArchiveSnapshots].map(Self::Stage);
        [Self::Marked].into_iter().chain(stages).find(|reached| reached.as_str() == text)
    }
}

/// What the tags of an image say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageRecord<'a> {
    /// How far it has come.
    pub reached: Reached,
    /// Since when.
    pub since: Moment,
    /// The family that it was staged by.
    pub family: &'a str,
}

/// Why the tags of an image say nothing that can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// One of the three tags is missing or cannot be read.
    Tags,
    /// They tell of a time that is yet to come.
    Future,
    /// They say that it is disabled, and it is available: somebody enabled it.
    EnabledAgain,
    /// They say that it is deprecated, and it is not: somebody took that back.
    UndeprecatedAgain,
}

impl Unclear {
    /// A fragment for a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tags => "its tags amictl:stage, amictl:since and amictl:policy cannot be read together",
            Self::Future => "its tag amictl:since tells of a time that is yet to come",
            Self::EnabledAgain => "it was disabled by a stage and somebody enabled it again",
            Self::UndeprecatedAgain => "it was deprecated by a stage and somebody took that back",
        }
    }
}

/// What is next for an image that nothing keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStage {
    /// It is to be marked, and this stage comes when its wait is over.
    Mark {
        /// The first stage.
        stage: Stage,
        /// When it is due, if the image is marked now.
        due: Moment,
    },
    /// This stage is due.
    Go(Stage),
    /// This stage comes later.
    Wait {
        /// The stage.
        stage: Stage,
        /// When it is due.
        due: Moment,
    },
    /// All stages of the family were carried out.
    Done,
    /// The image stays as it is until somebody has looked.
    Unclear(Unclear),
}

/// What the tags of an image say of its stage; `None` where it has none of them.
///
/// # Errors
/// [`Unclear::Tags`] where they are not all there or cannot be read.
pub fn stage_record(tags: &Tags) -> Result<Option<StageRecord<'_>>, Unclear> {
    match (tags.get(STAGE_TAG), tags.get(SINCE_TAG), tags.get(POLICY_TAG)) {
        (None, None, None) => Ok(None),
        (Some(stage), Some(since), Some(family)) => {
            let reached = Reached::parse(stage).ok_or(Unclear::Tags)?;
            let since = since.parse().map_err(|_| Unclear::Tags)?;
            Ok(Some(StageRecord { reached, since, family }))
        }
        _ => Err(Unclear::Tags),
    }
}

/// What is next at `now` for an image of this family that nothing keeps.
#[must_use]
pub fn next_stage(family: &Family, image: &Image, now: Moment) -> NextStage {
    let record = match stage_record(&image.tags) {
        // Another family made other promises, so its waits begin anew.
        Ok(record) => record.filter(|record| record.family == &*family.name),
        Err(unclear) => return NextStage::Unclear(unclear),
    };
    let Some(record) = record else { return first(family, image, now) };
    if let Some(unclear) = contradiction(&record, image, now) {
        return NextStage::Unclear(unclear);
    }
    let Some((stage, due)) = after_record(family, image, &record) else { return NextStage::Done };
    if due <= now { NextStage::Go(stage) } else { NextStage::Wait { stage, due } }
}

/// The stage after the one that the image's tags tell of, and when its wait is over.
fn after_record(family: &Family, image: &Image, record: &StageRecord<'_>) -> Option<(Stage, Moment)> {
    let is_next = |retirement: &&Retirement| is_ahead(retirement.stage, record.reached) && is_open(retirement, image);
    let next = family.retire.iter().find(is_next)?;
    let before = family.retire.iter().rev().find(|retirement| !is_ahead(retirement.stage, record.reached));
    let wait_secs = secs(next.after) - before.map_or(0, |before| secs(before.after));
    Some((next.stage, record.since.plus_secs(wait_secs.max(0))))
}

/// When the wait for the next stage is over by the image's tags; `None` where they tell of no stage of this family.
pub(crate) fn wait_ends(family: &Family, image: &Image) -> Option<Moment> {
    let record = stage_record(&image.tags).ok().flatten().filter(|record| record.family == &*family.name)?;
    after_record(family, image, &record).map(|(_, due)| due)
}

/// What is next for an image that no stage of the family has come to yet.
fn first(family: &Family, image: &Image, now: Moment) -> NextStage {
    let first = family.retire.iter().find(|retirement| is_open(retirement, image));
    let Some(first) = first else { return NextStage::Done };
    match secs(first.after) {
        0 => NextStage::Go(first.stage),
        wait_secs => NextStage::Mark { stage: first.stage, due: now.plus_secs(wait_secs) },
    }
}

/// Whether the stage would change something: where an image has been disabled already, only what comes after that does. Snapshots can be
/// archived of disabled images alone.
fn is_open(retirement: &Retirement, image: &Image) -> bool {
    match retirement.stage {
        Stage::Deprecate | Stage::Disable => image.state != ImageState::Disabled,
        Stage::ArchiveSnapshots => image.state == ImageState::Disabled,
        Stage::Deregister => true,
    }
}

fn is_ahead(stage: Stage, reached: Reached) -> bool {
    Reached::Stage(stage) > reached
}

fn secs(after: Option<Duration>) -> i64 {
    after.map_or(0, Duration::as_secs)
}

fn contradiction(record: &StageRecord<'_>, image: &Image, now: Moment) -> Option<Unclear> {
    if record.since > now {
        return Some(Unclear::Future);
    }
    match record.reached {
        Reached::Stage(Stage::Disable | Stage::ArchiveSnapshots) if image.state != ImageState::Disabled => {
            Some(Unclear::EnabledAgain)
        }
        Reached::Stage(Stage::Deprecate) if image.deprecation_at.is_none() => Some(Unclear::UndeprecatedAgain),
        _ => None,
    }
}
