//! What starts instances, in words.

use amictl_apply::Produced;
use amictl_model::Region;
use amictl_plan::{GroupVersion, Launching, Rollout, RolloutVersion};

use crate::number::{count, len, plural};

/// What a rollout does.
pub(super) fn rollout(rollout: &Rollout) -> String {
    let Rollout { template_name, image, default_before, groups, .. } = rollout;
    let mut text = match &rollout.version {
        RolloutVersion::New { like, .. } => format!("{template_name}: a new version like {like}, with {image}"),
        RolloutVersion::There(version) => format!("{template_name}: version {version}, with {image}"),
    };
    if let Some(before) = default_before {
        text.push_str(&format!(", is the default one in place of {before}"));
    }
    let groups: Vec<String> = groups.iter().map(|group| format!("{} ({})", group.name, uses(group.uses))).collect();
    if !groups.is_empty() {
        text.push_str(&format!("; the instances of {} are replaced", groups.join(", ")));
        text.push_str(if rollout.roll_back { ", all back again if one fails" } else { "" });
    }
    text
}

fn uses(version: GroupVersion) -> String {
    match version {
        GroupVersion::Default => "$Default".to_owned(),
        GroupVersion::Latest => "$Latest".to_owned(),
        GroupVersion::Pinned(version) => format!("version {version}"),
    }
}

/// What is launched.
pub(super) fn launch(launching: &Launching, region: &Region) -> String {
    let mut text = plural(u64::from(launching.count), "instance", "instances");
    if let Some(kind) = &launching.instance_type {
        text.push_str(&format!(" of type {kind}"));
    }
    text.push_str(&format!(" launched in {region}"));
    if let Some(template) = &launching.template {
        text.push_str(&format!(", as version {} of {} has it", template.version, template.name));
    }
    if !launching.tags.is_empty() {
        let tags: Vec<String> = launching.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        text.push_str(&format!(", tagged {}", tags.join(", ")));
    }
    text
}

/// What a step produced beside images.
pub(crate) fn produced(produced: &Produced, region: &Region) -> String {
    let mut parts = Vec::new();
    if let Some(version) = produced.version {
        parts.push(format!("version {} in {region}", count(version)));
    }
    if let Some(snapshot) = &produced.snapshot {
        parts.push(format!("{snapshot} in {region}"));
    }
    let groups: Vec<&str> = produced.refreshes.keys().map(|group| &**group).collect();
    if !groups.is_empty() {
        parts.push(format!("instances of {} replaced", groups.join(", ")));
    }
    match &produced.instances[..] {
        [] => {}
        few @ [_] | few @ [_, _] | few @ [_, _, _] => parts.push(format!("{} in {region}", few.join(", "))),
        many => parts.push(format!("{}, … ({} instances) in {region}", many[0], count(len(many.len())))),
    }
    parts.join("; ")
}
