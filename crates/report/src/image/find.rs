//! One image by what a person calls it.

use amictl_model::{ImageId, Inventory};

use super::ImageEntry;

/// Why a text does not name one image of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// No image has that id or name.
    #[error("{0} is no image of the inventory, neither by its id nor by its name")]
    Nowhere(String),
    /// Several images have that name.
    #[error("{name} is the name of {} images: {}", ids.len(), list(ids))]
    Several {
        /// The name.
        name: String,
        /// Account, Region and id of each.
        ids: Vec<String>,
    },
}

/// Images that an error names.
const IDS_MAX: usize = 5;

fn list(ids: &[String]) -> String {
    let shown = ids.iter().take(IDS_MAX).cloned().collect::<Vec<_>>().join(", ");
    if ids.len() > IDS_MAX { format!("{shown} and {} more", ids.len() - IDS_MAX) } else { shown }
}

impl<'a> ImageEntry<'a> {
    /// The image of this id, or the only one of this name.
    ///
    /// # Errors
    /// [`FindError`] when there is none, or several have that name.
    pub fn find(inventory: &'a Inventory, id_or_name: &str) -> Result<Self, FindError> {
        if let Ok(id) = id_or_name.parse::<ImageId>() {
            let at = |scope: usize| {
                let image = inventory.scopes.get(scope)?.images.binary_search_by(|image| image.id.cmp(&id)).ok()?;
                Self::at(inventory, scope, image)
            };
            if let Some(entry) = (0..inventory.scopes.len()).find_map(at) {
                return Ok(entry);
            }
        }
        let named: Vec<Self> =
            Self::all(inventory).into_iter().filter(|entry| *entry.image.name == *id_or_name).collect();
        match named[..] {
            [entry] => Ok(entry),
            [] => Err(FindError::Nowhere(id_or_name.to_owned())),
            _ => Err(FindError::Several {
                name: id_or_name.to_owned(),
                ids: named.iter().map(|entry| format!("{}/{}", entry.scope.scope, entry.image.id)).collect(),
            }),
        }
    }
}
