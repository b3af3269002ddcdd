//! Images by their names.

use std::collections::BTreeMap;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_cloud::{Clouds, PageError, for_each_page};
use amictl_model::{ImageId, ImageState};

use super::targets::IDS_PER_CALL_MAX;
use crate::exit::Failure;
use crate::session::{Session, of_cloud};

/// The images that have these names, in every account and Region of the session, and the names that none has.
pub(super) async fn by_name(session: &Session, names: &[String]) -> Result<(Vec<ImageId>, Vec<String>), Failure> {
    if names.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    // EC2 takes these in a filter for anything else than themselves, and no image has them in its name.
    if let Some(name) = names.iter().find(|name| name.is_empty() || name.contains(['*', '?', '\\'])) {
        return Err(Failure::usage(format!("--name {name:?}: a whole name is needed"))
            .hint("`amictl list --name GLOB --output csv` lists images by a part of their names"));
    }
    let mut ids: BTreeMap<&str, Vec<ImageId>> = BTreeMap::new();
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let mut here: BTreeMap<&str, Vec<ImageId>> = BTreeMap::new();
        for chunk in names.chunks(IDS_PER_CALL_MAX) {
            let request = DescribeImagesRequest { names: chunk.to_vec(), ..DescribeImagesRequest::default() };
            let (_, result) = for_each_page::<DescribeImages>(cloud, &scope.region, request, |page| {
                for image in page.images.into_iter().filter(|image| image.state != ImageState::Deregistered) {
                    if let Some(name) = chunk.iter().find(|name| **name == *image.name) {
                        here.entry(name).or_default().push(image.id);
                    }
                }
            })
            .await;
            match result {
                Ok(()) => {}
                Err(PageError::Call(error)) => return Err(of_cloud(&error, &scope.region, None)),
                Err(other) => return Err(Failure::error(format!("{scope}: {other}"))),
            }
        }
        for (name, found) in here {
            if let [first, second, ..] = found.as_slice() {
                let why = format!("{name} is the name of {first} and {second} in {scope}");
                return Err(Failure::usage(why).hint("give the id of the one that is meant; nothing was changed"));
            }
            ids.entry(name).or_default().extend(found);
        }
    }
    let missing = names.iter().filter(|name| !ids.contains_key(name.as_str())).cloned().collect();
    Ok((names.iter().filter_map(|name| ids.remove(name.as_str())).flatten().collect(), missing))
}
