//! Parameters as the JSON that they were.

use serde_json::{Map, Value};

use crate::wire::{Kind, Params};

/// Members that map texts to texts.
const MAPS: [&str; 4] = ["amiTags", "imageTags", "resourceTags", "tags"];

/// A member as JSON; nothing for an empty list or structure.
pub(super) fn json_of(name: &str, params: &Params) -> Option<Value> {
    if let Some(text) = params.value() {
        return Some(match params.kind() {
            Kind::Boolean => (text == "true").into(),
            Kind::Number => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        });
    }
    if params.kind() == Kind::List {
        let members = params.structures_here();
        return (!members.is_empty())
            .then(|| Value::Array(members.into_iter().filter_map(|member| json_of(name, member)).collect()));
    }
    let members = params.children().filter_map(|(key, child)| {
        // Values of a map have no type but text.
        let inner = if MAPS.contains(&name) { child.value().map(Value::from) } else { json_of(key, child) };
        Some((key.to_owned(), inner?))
    });
    let members: Map<String, Value> = members.collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::decode_json;

    #[test]
    fn documents_come_back_with_their_types() {
        let document = json!({
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 8, "deleteOnTermination": true}}],
            "tags": {"1": "true"},
            "components": [{"componentArn": "a"}, {"componentArn": "b"}],
        });
        let params = decode_json(document.to_string().as_bytes()).unwrap();
        let members = params.children().filter_map(|(name, child)| Some((name.to_owned(), json_of(name, child)?)));
        assert_eq!(Value::Object(members.collect()), document);
    }
}
