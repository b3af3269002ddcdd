//! What the properties of a resource name, wherever in them it stands.

use std::collections::BTreeSet;

use amictl_cloud::ops::LaunchTemplateUse;
use amictl_model::ImageId;
use serde_json::{Map, Value};

use crate::files::image_ids;

/// How deep documents within documents are looked into.
const DEPTH_MAX: usize = 64;

/// Every AMI id in a document: in texts, in names of members, and in texts that are documents themselves.
pub(crate) fn image_ids_in(document: &Value) -> BTreeSet<ImageId> {
    let mut text = String::new();
    write_texts(document, &mut text, DEPTH_MAX);
    image_ids(&text)
}

/// Writes all texts of a document, one a line.
fn write_texts(value: &Value, out: &mut String, depth: usize) {
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    match value {
        Value::String(text) => {
            line(text);
            let inner = text.trim_start();
            if depth > 0
                && (inner.starts_with('{') || inner.starts_with('['))
                && let Ok(inner) = serde_json::from_str::<Value>(inner)
            {
                write_texts(&inner, out, depth - 1);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| write_texts(member, out, depth)),
        Value::Object(members) => {
            for (name, member) in members {
                out.push_str(name);
                out.push('\n');
                write_texts(member, out, depth);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Members that hold the use of a launch template.
const TEMPLATES: [&str; 3] = ["LaunchTemplate", "LaunchTemplateSpecification", "CustomLaunchTemplate"];

/// Every use of a launch template in a document, as any service writes it.
pub(crate) fn launch_templates_in(document: &Value) -> BTreeSet<LaunchTemplateUse> {
    let mut found = BTreeSet::new();
    gather(document, false, &mut found);
    found
}

fn gather(value: &Value, is_template: bool, found: &mut BTreeSet<LaunchTemplateUse>) {
    match value {
        Value::Array(members) => members.iter().for_each(|member| gather(member, is_template, found)),
        Value::Object(members) => {
            found.extend(launch_template(members, is_template));
            for (name, member) in members {
                gather(member, TEMPLATES.contains(&name.as_str()), found);
            }
        }
        _ => {}
    }
}

/// The use of a launch template that these members are; short names count only where a template is meant.
fn launch_template(members: &Map<String, Value>, is_template: bool) -> Option<LaunchTemplateUse> {
    let text = |names: &[&str]| names.iter().find_map(|name| members.get(*name).and_then(shown));
    let short = |name: &'static str| if is_template { name } else { "" };
    let id = text(&["LaunchTemplateId", short("TemplateId"), short("Id")]);
    let name = text(&["LaunchTemplateName", short("Name")]);
    (id.is_some() || name.is_some()).then(|| LaunchTemplateUse {
        id,
        name,
        version: text(&["Version", "LaunchTemplateVersion"]),
        place: "launch template",
    })
}

/// A text or a number, unless it is empty.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(document: &Value) -> Vec<String> {
        image_ids_in(document).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ids_are_found_in_texts_names_and_documents_within_documents() {
        let template = json!({"Resources": {"A": {"ImageId": "ami-00000001"}}, "Mappings": {"ami-00000002": {}}});
        let script = json!({"UserData": "run\nami-00000003"}).to_string();
        let found = ids(&json!({"TemplateBody": template.to_string(), "Other": [{"Script": script}], "Count": 4}));
        assert_eq!(found, ["ami-00000001", "ami-00000002", "ami-00000003"]);
        assert_eq!(ids(&json!({"ImageId": "ami-0000000", "Other": "my.ami-000000011"})), [""; 0]);
    }

    #[test]
    fn a_document_without_end_of_depth_is_read_as_far_as_it_goes() {
        let mut text = json!(["ami-00000001"]).to_string();
        for _ in 0..12 {
            text = json!([text]).to_string();
        }
        assert_eq!(ids(&Value::String(text)), ["ami-00000001"]);
    }

    #[test]
    fn launch_templates_are_found_as_each_service_writes_them() {
        let used = |id: Option<&str>, name: Option<&str>, version: Option<&str>| LaunchTemplateUse {
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
            version: version.map(str::to_owned),
            place: "launch template",
        };
        for (document, expected) in [
            (
                json!({"LaunchTemplate": {"Id": "lt-1", "Name": "n", "Version": "3"}}),
                vec![used(Some("lt-1"), Some("n"), Some("3"))],
            ),
            (
                json!({"CustomLaunchTemplate": {"TemplateId": "lt-1", "Version": 2}}),
                vec![used(Some("lt-1"), None, Some("2"))],
            ),
            (
                json!({"ComputeResources": {"LaunchTemplate": {
                    "LaunchTemplateName": "n",
                    "Overrides": [{"LaunchTemplateId": "lt-2", "Version": "$Latest"}],
                }}}),
                vec![used(None, Some("n"), None), used(Some("lt-2"), None, Some("$Latest"))],
            ),
            (json!({"Id": "x", "Name": "y", "Version": "1"}), vec![]),
        ] {
            let found: Vec<_> = launch_templates_in(&document).into_iter().collect();
            assert_eq!(found, expected, "{document}");
        }
    }
}
