//! What came of trying, and what it means for a source.

use amictl_cloud::{CloudError, Effect, ErrorClass, Need, NeedRow, OperationSpec};
use amictl_model::Source;
use serde::Serialize;

/// An operation that was tried with a real call.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The operation.
    pub operation: OperationSpec,
    /// What it was tried with where the permission depends on it, such as a resource type.
    pub subject: Option<String>,
    /// Why it did not work.
    pub error: Option<CloudError>,
}

/// How something stands. The order is that of weight: the heaviest of several is what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The policy says that it is not used, so it was not tried.
    NotUsed,
    /// Everything that was tried worked.
    #[serde(rename = "ok")]
    Works,
    /// Some of it could not be tried: there is nothing here to try it with, or it would change something.
    InPart,
    /// It failed.
    Failed,
    /// The credentials may not do it.
    Denied,
}

impl Health {
    /// The name in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotUsed => "not_used",
            Self::Works => "ok",
            Self::InPart => "in_part",
            Self::Failed => "failed",
            Self::Denied => "denied",
        }
    }

    /// Whether what it stands for cannot be relied on.
    #[must_use]
    pub fn is_ill(self) -> bool {
        matches!(self, Self::Failed | Self::Denied)
    }

    /// What an answer says of the permission: a resource that is not there was looked for, so that is allowed.
    pub(super) fn of_error(error: Option<&CloudError>) -> Self {
        match error.map(|error| error.class) {
            None | Some(ErrorClass::NotFound) => Self::Works,
            Some(ErrorClass::Denied) => Self::Denied,
            Some(_) => Self::Failed,
        }
    }
}

/// How one need stands in one Region.
#[derive(Debug, Clone)]
pub struct NeedHealth {
    /// The need.
    pub need: Need,
    /// What it is for.
    pub purpose: &'static str,
    /// How it stands.
    pub health: Health,
    /// Why, for a person: error texts of AWS, or what was not tried.
    pub detail: String,
    /// The IAM actions that are missing, as far as can be told.
    pub missing: Vec<String>,
    /// What is lost without it.
    pub without: &'static str,
    /// Whether images stay because of it that would go otherwise.
    pub blocks: bool,
}

impl NeedHealth {
    /// How a row of the table stands, from what was tried.
    pub(super) fn of(row: &NeedRow, tried: &[Tried]) -> Self {
        let mut health = Health::Works;
        let mut details: Vec<String> = Vec::new();
        let mut missing = Vec::new();
        let mut untried = Vec::new();
        for operation in row.operations {
            let of_row = |tried: &&Tried| {
                tried.operation == *operation
                    && tried.subject.as_deref().is_none_or(|subject| row.subjects.contains(&subject))
            };
            let mut all = tried.iter().filter(of_row).peekable();
            if all.peek().is_none() {
                health = health.max(Health::InPart);
                untried.push(operation);
            }
            for tried in all {
                let one = Health::of_error(tried.error.as_ref());
                health = health.max(one);
                if let Some(error) = tried.error.as_ref().filter(|_| one.is_ill()) {
                    details.push(error.to_string());
                }
                if one == Health::Denied {
                    missing.extend(missing_actions(row, operation, tried.error.as_ref()));
                }
            }
        }
        if missing.is_empty() && health == Health::Denied {
            missing = row.iam_actions();
        }
        details.extend(describe_untried(&untried));
        let (without, blocks) = without(row.need);
        Self {
            need: row.need,
            purpose: row.purpose,
            health,
            detail: details.join("; "),
            missing,
            without,
            blocks: blocks && health.is_ill(),
        }
    }

    /// A source that the policy says is not used.
    pub(super) fn not_used(row: &NeedRow) -> Self {
        Self {
            need: row.need,
            purpose: row.purpose,
            health: Health::NotUsed,
            detail: "not used, as the policy says".to_owned(),
            missing: Vec::new(),
            without: without(row.need).0,
            blocks: false,
        }
    }
}

/// The actions that a denial names, as far as they are of the row; else those of the operation.
fn missing_actions(row: &NeedRow, operation: &OperationSpec, error: Option<&CloudError>) -> Vec<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, ':' | '-');
    let message = error.map_or("", |error| error.message.as_str());
    let named = |action: &String| message.split(|character| !is_part(character)).any(|word| word == action);
    let named: Vec<String> = row.iam_actions().into_iter().filter(named).collect();
    if named.is_empty() { operation.iam_actions().collect() } else { named }
}

/// What is lost without a need, and whether images stay because of it that would go otherwise.
fn without(need: Need) -> (&'static str, bool) {
    match need {
        Need::Source(Source::Images) => ("nothing can be said of any image of the Region", true),
        Need::Source(source) if Source::REFERENCES.contains(&source) => {
            ("no image of the Region can be judged unused", true)
        }
        Need::Source(Source::LaunchPermissions) => ("no image of the Region can be judged unshared", true),
        Need::Names => (
            "a source with such a name cannot be read whole, and then no image of the Region can be judged unused",
            true,
        ),
        Need::Witness => ("images that would go stay for want of the second opinion", true),
        Need::UsageReports => ("images that are shared stay, as their use elsewhere is unknown", true),
        Need::Source(Source::Snapshots) => ("the sizes of snapshots are unknown", false),
        Need::Source(source) if Source::STORAGE.contains(&source) => ("no snapshot can be judged left over", false),
        Need::Quotas => ("AWS's documented limits are assumed", false),
        _ => ("it is not available", false),
    }
}

fn describe_untried(untried: &[&OperationSpec]) -> Vec<String> {
    let names = |effect: Effect| {
        let names: Vec<&str> = untried.iter().filter(|spec| spec.effect == effect).map(|spec| spec.name).collect();
        names.join(", ")
    };
    let (reading, changing) = (names(Effect::Read), names(Effect::Mutating));
    let mut texts = Vec::new();
    if !reading.is_empty() {
        texts.push(format!("{reading} not tried: there is nothing here to try it with"));
    }
    if !changing.is_empty() {
        texts.push(format!("{changing} not tried: it changes something"));
    }
    texts
}
