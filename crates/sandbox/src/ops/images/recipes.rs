//! Image Builder's recipes that are built on an image.

use amictl_model::ImageId;
use serde_json::Value;

use super::references::ReferenceKind;
use crate::world::{BuilderResource, Scope};

/// The ARNs of the recipes of this kind that name the image: image recipes as their parent, container recipes as the image
/// of the instance that builds them.
pub(crate) fn referring<'a>(
    scope: &'a Scope,
    kind: ReferenceKind,
    image: &'a ImageId,
) -> impl Iterator<Item = &'a str> {
    scope
        .builder
        .values()
        .filter(move |resource| named_image(resource, kind) == Some(image.as_str()))
        .map(|resource| resource.arn.as_str())
}

/// The image that a recipe of this kind names.
fn named_image(resource: &BuilderResource, kind: ReferenceKind) -> Option<&str> {
    let image = match (kind, resource.kind.as_str()) {
        (ReferenceKind::ImageRecipe, "image-recipe") => resource.value.get("parentImage"),
        (ReferenceKind::ContainerRecipe, "container-recipe") => {
            resource.value.get("instanceConfiguration").and_then(|instance| instance.get("image"))
        }
        _ => None,
    };
    image.and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_recipe_names_its_image_in_its_way() {
        let recipe = |kind: &str, value: Value| BuilderResource {
            kind: kind.to_owned(),
            arn: String::new(),
            client_token: None,
            value,
            ready_at: None,
        };
        let image = recipe("image-recipe", json!({"parentImage": "ami-1"}));
        let container =
            recipe("container-recipe", json!({"parentImage": "ubuntu", "instanceConfiguration": {"image": "ami-2"}}));
        assert_eq!(named_image(&image, ReferenceKind::ImageRecipe), Some("ami-1"));
        assert_eq!(named_image(&container, ReferenceKind::ContainerRecipe), Some("ami-2"));
        assert_eq!(named_image(&image, ReferenceKind::ContainerRecipe), None);
        assert_eq!(named_image(&recipe("image", json!({})), ReferenceKind::ImageRecipe), None);
    }
}
