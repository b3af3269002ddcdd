//! What Image Builder has, as Cloud Control shows it.

use serde_json::{Map, Value};

use super::types::Kind;
use crate::world::{CloudResource, Scope};

/// Members that hold tags, whose keys are the user's.
const MAPS: [&str; 4] = ["amiTags", "imageTags", "resourceTags", "tags"];

/// Image Builder's resources of a type of Cloud Control; none for types of other services.
pub(super) fn built_resources(scope: &Scope, kind: &Kind) -> Vec<CloudResource> {
    let path = match kind.name {
        "AWS::ImageBuilder::ContainerRecipe" => "container-recipe",
        "AWS::ImageBuilder::DistributionConfiguration" => "distribution-configuration",
        "AWS::ImageBuilder::Image" => "image",
        "AWS::ImageBuilder::ImagePipeline" => "image-pipeline",
        "AWS::ImageBuilder::ImageRecipe" => "image-recipe",
        "AWS::ImageBuilder::InfrastructureConfiguration" => "infrastructure-configuration",
        _ => return Vec::new(),
    };
    let built = scope.builder.values().filter(|resource| resource.kind == path);
    built
        .map(|resource| CloudResource {
            kind: kind.name.to_owned(),
            identifier: resource.arn.clone(),
            properties: capitalized(&resource.value),
        })
        .collect()
}

/// The same document with the names of its members as CloudFormation spells them.
fn capitalized(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let renamed = members.iter().map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                let inner = if MAPS.contains(&name.as_str()) { value.clone() } else { capitalized(value) };
                (first.into_iter().chain(letters).collect(), inner)
            });
            Value::Object(renamed.collect::<Map<String, Value>>())
        }
        Value::Array(members) => Value::Array(members.iter().map(capitalized).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_spelled_as_cloudformation_does() {
        let value = json!({"parentImage": "x", "ebs": [{"volumeSize": 8}], "tags": {"app": "web"}});
        assert_eq!(
            capitalized(&value),
            json!({"ParentImage": "x", "Ebs": [{"VolumeSize": 8}], "Tags": {"app": "web"}})
        );
    }
}
