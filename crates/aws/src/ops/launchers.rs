//! What listings of launchers have in common.

use amictl_cloud::ops::{ImageUse, LaunchTemplateUse, Launcher, LauncherPage};

pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn image(image: Option<String>, place: &'static str) -> Option<ImageUse> {
    filled(image).map(|image| ImageUse { image, place })
}

/// A launch template as a resource names it; `None` where it names neither its id nor its name.
pub(super) fn template(
    id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    place: &'static str,
) -> Option<LaunchTemplateUse> {
    let (id, name) = (filled(id), filled(name));
    (id.is_some() || name.is_some()).then(|| LaunchTemplateUse { id, name, version: filled(version), place })
}

/// A launcher that names one image.
pub(super) fn of_image(id: Option<String>, state: Option<&str>, image_id: Option<String>) -> Launcher {
    Launcher {
        id: id.unwrap_or_default(),
        state: state.unwrap_or_default().to_owned(),
        images: image(image_id, "").into_iter().collect(),
        templates: Vec::new(),
        progress: None,
    }
}

/// A page of these.
pub(super) fn page<T>(
    items: Option<Vec<T>>,
    next_token: Option<String>,
    launcher: impl FnMut(T) -> Launcher,
) -> LauncherPage {
    LauncherPage { launchers: items.unwrap_or_default().into_iter().map(launcher).collect(), next_token }
}
