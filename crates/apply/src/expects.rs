//! Whether an image is still what the plan expects.

use amictl_model::Image;
use amictl_plan::Expects;

/// What differs, by field; `None` when nothing does.
pub(crate) fn difference(expects: &Expects, image: &Image) -> Option<String> {
    let checks: [(&str, bool); 8] = [
        ("state", expects.state == image.state),
        ("public", expects.public == image.public),
        ("tags", expects.tags == image.tags),
        ("launch permissions", expects.launch_permissions == image.launch_permissions),
        ("block devices", expects.block_devices == image.block_devices),
        ("deregistration protection", expects.protection == image.protection),
        ("deprecation", expects.deprecation_at == image.deprecation_at),
        ("last launch", expects.last_launched_at == image.last_launched_at),
    ];
    changed("since the plan", &checks)
}

/// The fields that are not the same any more.
fn changed(when: &str, checks: &[(&str, bool)]) -> Option<String> {
    let changed: Vec<&str> = checks.iter().filter(|(_, same)| !same).map(|(field, _)| *field).collect();
    (!changed.is_empty()).then(|| format!("changed {when}: {}", changed.join(", ")))
}

/// What differs of an image that is given back: only what that depends on.
pub(crate) fn difference_of_kept(expects: &Expects, image: &Image) -> Option<String> {
    let checks: [(&str, bool); 3] = [
        ("state", expects.state == image.state),
        ("tags", expects.tags == image.tags),
        ("deprecation", expects.deprecation_at == image.deprecation_at),
    ];
    changed("since the plan", &checks)
}

/// What differs of a disabled image whose snapshots are archived, while no process of the run was there.
pub(crate) fn difference_while_interrupted(recorded: &Image, image: Option<&Image>) -> Option<String> {
    let when = "while the run was interrupted";
    let Some(image) = image else { return Some(format!("gone {when}")) };
    if image.state != recorded.state {
        return Some(format!("{} {when}", image.state.as_str()));
    }
    let checks: [(&str, bool); 3] = [
        ("tags", recorded.tags == image.tags),
        ("block devices", recorded.block_devices == image.block_devices),
        ("deregistration protection", recorded.protection == image.protection),
    ];
    changed(when, &checks)
}

/// What differs behind the fence, where the image is disabled and shared with nobody.
pub(crate) fn difference_behind_fence(recorded: &Image, image: &Image) -> Option<String> {
    let checks: [(&str, bool); 3] = [
        ("tags", recorded.tags == image.tags),
        ("block devices", recorded.block_devices == image.block_devices),
        ("deregistration protection", recorded.protection == image.protection),
    ];
    changed("while it was disabled", &checks)
}
