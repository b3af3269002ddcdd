//! The words for what the other crates name in code.

use amictl_model::{Image, ImageState, LaunchPermissions, Moment, Usage};
use amictl_plan::{PlanDecision, PlanVerdict};
use amictl_policy::{Decision, Reason, ReasonCode, Stage};

/// A reason's kind as a short phrase.
pub(crate) fn reason(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::InUse => "in use",
        ReasonCode::Newest => "among the newest of its group",
        ReasonCode::Young => "too young",
        ReasonCode::RecentlyLaunched => "launched recently",
        ReasonCode::Calendar => "kept by the calendar",
        ReasonCode::Version => "of a version that is kept",
        ReasonCode::Channel => "named by a channel",
        ReasonCode::Protected => "protected",
        ReasonCode::Shared => "shared with others",
        ReasonCode::Excluded => "excluded by the policy",
        ReasonCode::Managed => "managed by an AWS service",
        ReasonCode::Ancestor => "an ancestor of an image that stays",
        ReasonCode::Waiting => "waiting for its next stage",
        ReasonCode::State => "in a state that is left alone",
        ReasonCode::Unreadable => "something could not be read",
        ReasonCode::NoFamily => "in no family of the policy",
        ReasonCode::NoDate => "of unknown age",
        ReasonCode::Unused => "unused",
        ReasonCode::AskedFor => "asked for even if it is used",
    }
}

/// The name of a reason's kind in files and output.
pub(crate) fn reason_code(code: ReasonCode) -> String {
    code.as_str().to_owned()
}

/// The strongest reason, and how many more there are.
pub(crate) fn reasons(reasons: &[Reason]) -> String {
    match reasons {
        [] => String::new(),
        [one] => one.to_string(),
        [first, more @ ..] => format!("{first} (+{} more)", more.len()),
    }
}

/// Every reason, for a cell.
pub(crate) fn all_reasons(reasons: &[Reason]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The stage of an image that is retired, otherwise what becomes of it.
pub(crate) fn verdict(verdict: &PlanVerdict) -> &'static str {
    match verdict.decision {
        PlanDecision::Keep => "keep",
        PlanDecision::Retire => verdict.stage.map_or("retire", Stage::as_str),
        PlanDecision::Blocked => "blocked",
    }
}

/// The same of a verdict that is in no plan yet.
pub(crate) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Retire(stage) => stage.as_str(),
        Decision::Keep | Decision::Blocked => decision.as_str(),
    }
}

/// A decision's name in a plan file.
pub(crate) fn plan_decision(decision: PlanDecision) -> &'static str {
    match decision {
        PlanDecision::Keep => "keep",
        PlanDecision::Retire => "retire",
        PlanDecision::Blocked => "blocked",
    }
}

/// An image's state; deprecated is none of AWS's states, but is one to people.
pub(crate) fn state(image: &Image, now: Moment) -> String {
    match (image.state, image.is_deprecated(now)) {
        (ImageState::Available, true) => "deprecated".to_owned(),
        (state, true) => format!("{}, deprecated", state.as_str()),
        (state, false) => state.as_str().to_owned(),
    }
}

/// How a resource uses an image.
pub(crate) fn usage(usage: &Usage) -> String {
    match usage {
        Usage::Instance { state } => format!("instance, {state}"),
        Usage::LaunchTemplateVersion { version, age_rank, default, alias } => {
            let mut text = format!("launch template version {version}");
            match age_rank {
                0 => text.push_str(", the newest"),
                rank => text.push_str(&format!(", {rank} before the newest")),
            }
            if *default {
                text.push_str(", the default");
            }
            if *alias {
                text.push_str(", through an SSM parameter");
            }
            text
        }
        Usage::LaunchConfiguration => "launch configuration".to_owned(),
        Usage::AutoScalingGroup { via } => format!("Auto Scaling group, by {via}"),
        Usage::Other { what } => what.to_string(),
    }
}

/// Who else may launch an image.
pub(crate) fn permissions(image: &Image) -> String {
    let known = match &image.launch_permissions {
        LaunchPermissions::Unread => "not read".to_owned(),
        LaunchPermissions::Unreadable(why) => format!("could not be read: {why}"),
        LaunchPermissions::Read(grantees) if grantees.is_empty() => "nobody else".to_owned(),
        LaunchPermissions::Read(grantees) => grantees.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    if image.public { format!("public; {known}") } else { known }
}
