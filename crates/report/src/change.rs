//! What a command of the life cycle does, in words.

use amictl_model::{Grantee, Region};
use amictl_plan::{Change, Copying, Creation, Plan, Sharing, Then};

use crate::number::date_time;

/// Whether the plan is a command's, and not made of verdicts.
pub(crate) fn is_of_command(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.change.is_some())
}

/// What the change does, in one line. Names in it are text from outside.
pub(crate) fn words(change: &Change, region: &Region) -> String {
    match change {
        Change::Deprecate { at, or_earlier: false } => format!("deprecated from {} on", date_time(*at)),
        Change::Deprecate { at, or_earlier: true } => format!("deprecated from {} on, or earlier", date_time(*at)),
        Change::Undeprecate => "not deprecated at any time".to_owned(),
        Change::Disable => "disabled: no launches, and shared with nobody".to_owned(),
        Change::Enable => "enabled: it can be launched, by its owner only".to_owned(),
        Change::Protect { with_cooldown: false } => "protected from being deregistered".to_owned(),
        Change::Protect { with_cooldown: true } => {
            "protected from being deregistered, and for 24 hours after that ends".to_owned()
        }
        Change::Unprotect => "not protected; a cooldown lasts 24 hours more".to_owned(),
        Change::Share(sharing) => share(sharing),
        Change::Copy(copying) => copy(copying, region),
        Change::Create(creation) => create(creation),
        Change::Publish(publishing) => match &publishing.before {
            Some(before) => format!("named by {}, which named {before}", publishing.parameter),
            None => format!("named by {}, which is new", publishing.parameter),
        },
    }
}

fn list(grantees: &[Grantee]) -> String {
    grantees.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn share(sharing: &Sharing) -> String {
    let mut parts = Vec::new();
    if !sharing.add.is_empty() {
        parts.push(format!("shared with {}", list(&sharing.add)));
    }
    if !sharing.remove.is_empty() {
        parts.push(format!("not shared with {} any more", list(&sharing.remove)));
    }
    if parts.is_empty() {
        parts.push("shared as it is".to_owned());
    }
    if sharing.snapshots {
        parts.push("its snapshots likewise".to_owned());
    }
    parts.join("; ")
}

fn copy(copying: &Copying, region: &Region) -> String {
    let what = copying.of_step.as_ref().map(|step| format!("what {step} makes, ")).unwrap_or_default();
    let mut text = format!("{what}copied from {} to {region} as {}", copying.from, copying.name);
    match &copying.kms_key {
        Some(key) => text.push_str(&format!(", encrypted with {key}")),
        None if copying.encrypted => text.push_str(", encrypted with the default key"),
        None => {}
    }
    if let Some(minutes) = copying.within_minutes {
        text.push_str(&format!(", within {minutes} minutes"));
    }
    if copying.copy_tags {
        text.push_str(", with its tags");
    }
    text + &then(&copying.then)
}

fn create(creation: &Creation) -> String {
    let reboot = if creation.no_reboot { "without a reboot" } else { "which is rebooted" };
    let mut text = format!("made of {}, {reboot}, as {}", creation.instance, creation.name);
    if !creation.exclude_devices.is_empty() {
        text.push_str(&format!(", without {}", creation.exclude_devices.join(", ")));
    }
    text + &then(&creation.then)
}

fn then(then: &Then) -> String {
    let mut text = String::new();
    if !then.tags.is_empty() {
        let tags: Vec<String> = then.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        text.push_str(&format!(", tagged {}", tags.join(", ")));
    }
    if then.protect {
        text.push_str(", protected");
    }
    if let Some(at) = then.deprecate_at {
        text.push_str(&format!(", deprecated from {} on", date_time(at)));
    }
    if !then.share_with.is_empty() {
        text.push_str(&format!(", shared with {}", list(&then.share_with)));
    }
    text
}
