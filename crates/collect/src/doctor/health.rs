//! What came of trying, and what it means for a source.

use amictl_cloud::{CloudError, Effect, ErrorClass, NeedRow, OperationSpec};
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
pub struct SourceHealth {
    /// The source; `None` for what is not part of the inventory.
    pub source: Option<Source>,
    /// What it is for.
    pub purpose: &'static str,
    /// How it stands.
    pub health: Health,
    /// Why, for a person: error texts of AWS, or what was not tried.
    pub detail: String,
    /// The IAM actions that are missing, as far as can be told.
    pub missing: Vec<String>,
    /// Whether it would keep every image of the Region from being judged unused.
    pub blocks: bool,
}

impl SourceHealth {
    /// How a row of the table stands, from what was tried.
    pub(super) fn of(row: &NeedRow, source: Option<Source>, tried: &[Tried]) -> Self {
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
                    missing.extend(operation.iam_actions());
                }
            }
        }
        if missing.is_empty() && health == Health::Denied {
            missing = row.iam_actions();
        }
        details.extend(describe_untried(&untried));
        details.dedup();
        let blocks = health.is_ill() && source.is_some_and(|source| source == Source::Images || is_reference(source));
        Self { source, purpose: row.purpose, health, detail: details.join("; "), missing, blocks }
    }

    /// A source that the policy says is not used.
    pub(super) fn not_used(row: &NeedRow, source: Source) -> Self {
        Self {
            source: Some(source),
            purpose: row.purpose,
            health: Health::NotUsed,
            detail: "not used, as the policy says".to_owned(),
            missing: Vec::new(),
            blocks: false,
        }
    }
}

fn is_reference(source: Source) -> bool {
    Source::REFERENCES.contains(&source)
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
