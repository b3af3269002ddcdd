//! What a command of the life cycle does, in words.

use amictl_cloud::ops::SNAPSHOT_BLOCK_BYTES;
use amictl_model::{Grantee, Region, SnapshotId, Tags};
use amictl_plan::{
    Bundling, Change, Copying, Creation, Importing, Plan, Restoring, S3Restoring, Sharing, Termination, Then, Via,
};

use crate::number::{bytes, date_time, len, plural};

mod register;
mod start;
pub(crate) use start::produced;

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
        Change::Register(registration) => register::words(registration),
        Change::Publish(publishing) => match &publishing.before {
            Some(before) => format!("named by {}, which named {before}", publishing.parameter),
            None => format!("named by {}, which is new", publishing.parameter),
        },
        Change::DeleteBundle(bundling) => bundle(bundling),
        Change::DeleteBucket(_) => "the bucket deleted, if nothing is in it any more".to_owned(),
        Change::Store(storing) => format!("stored in s3://{}, as an object of its id", storing.bucket),
        Change::RestoreFromS3(restoring) => restore_from_s3(restoring, region),
        Change::DeleteSnapshot(removal) => removed(&removal.because, removal.bin_days),
        Change::DeleteVolume(removal) => removed(&removal.because, removal.bin_days),
        Change::Terminate(termination) => terminate(termination),
        Change::Restore(_, restoring) => restore(restoring),
        Change::Rollout(rollout) => start::rollout(rollout),
        Change::Launch(launching) => start::launch(launching, region),
        Change::Import(importing) => import(importing, region),
    }
}

/// What goes, why, and for how long it can come back.
fn removed(because: &str, bin_days: Option<u64>) -> String {
    let back = match bin_days {
        None | Some(0) => "it cannot come back".to_owned(),
        Some(days) => format!("it can come back for {}, from the Recycle Bin", plural(days, "day", "days")),
    };
    format!("deleted: {because}; {back}")
}

fn terminate(termination: &Termination) -> String {
    format!("terminated: it was launched from {} and is {}", termination.image, termination.state)
}

fn restore(restoring: &Restoring) -> String {
    let until = restoring.until.map(|until| format!(", which keeps it until {}", date_time(until))).unwrap_or_default();
    let mut text = format!("restored from the Recycle Bin{until}");
    if !restoring.snapshots.is_empty() {
        let snapshots: Vec<&str> = restoring.snapshots.iter().map(SnapshotId::as_str).collect();
        text.push_str(&format!("; before it {}", snapshots.join(", ")));
    }
    text
}

fn restore_from_s3(restoring: &S3Restoring, region: &Region) -> String {
    let text = format!("made in {region} of s3://{}/{} as {}", restoring.bucket, restoring.key, restoring.name);
    text + &then(&restoring.then)
}

fn import(importing: &Importing, region: &Region) -> String {
    let Importing { format, size_gib, blocks, .. } = importing;
    let format = format.as_str();
    let mut text = match &importing.via {
        Via::Ebs => {
            let sent = bytes(u64::from(*blocks) * SNAPSHOT_BLOCK_BYTES);
            format!("a snapshot of {size_gib} GiB in {region}, of {sent} in this {format} disk")
        }
        Via::S3 { bucket, key } => {
            let sent = bytes(importing.bytes);
            format!("a snapshot in {region} of this {format} disk of {sent}, by way of s3://{bucket}/{key}")
        }
    };
    match &importing.kms_key {
        Some(key) => text.push_str(&format!(", encrypted with {key}")),
        None if importing.encrypted => text.push_str(", encrypted with the default key"),
        None => {}
    }
    text + &tagged(&importing.tags)
}

fn tagged(tags: &Tags) -> String {
    let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if tags.is_empty() { String::new() } else { format!(", tagged {}", tags.join(", ")) }
}

fn bundle(bundling: &Bundling) -> String {
    let parts = plural(len(bundling.parts.len()), "part", "parts");
    let manifest = if bundling.manifest.is_some() { ", then the manifest," } else { "" };
    let versions = if bundling.all_versions { " in all versions" } else { "" };
    format!("{parts}{manifest} deleted{versions}: {}", bytes(bundling.bytes))
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
    let mut text = tagged(&then.tags);
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
