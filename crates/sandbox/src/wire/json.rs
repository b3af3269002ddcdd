//! A JSON document as a tree of parameters, so that every protocol is read by the same decoders.

use serde_json::Value;

use super::Params;
use crate::Fault;

/// Levels that a document may have.
const DEPTH_MAX: usize = 32;

/// Reads the JSON object of a request's body; an empty body is an empty object.
pub(crate) fn decode_json(body: &[u8]) -> Result<Params, Fault> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Params::default());
    }
    let document: Value = serde_json::from_slice(body)
        .map_err(|error| Fault::new("SerializationException", format!("The request is not JSON: {error}")))?;
    if !document.is_object() {
        return Err(Fault::new("SerializationException", "Start of structure or map found where not expected."));
    }
    tree(&document, 0)
}

fn tree(value: &Value, depth: usize) -> Result<Params, Fault> {
    if depth > DEPTH_MAX {
        return Err(Fault::new("SerializationException", "The request is nested too deeply."));
    }
    Ok(match value {
        Value::Null => Params::default(),
        Value::Bool(flag) => Params::leaf(if *flag { "true" } else { "false" }),
        Value::Number(number) => Params::leaf(&number.to_string()),
        Value::String(text) => Params::leaf(text),
        Value::Array(members) => {
            let mut list = Params::default();
            for (at, member) in members.iter().enumerate() {
                list.put(&(at + 1).to_string(), tree(member, depth + 1)?);
            }
            list
        }
        Value::Object(members) => {
            let mut structure = Params::default();
            for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                structure.put(name, tree(member, depth + 1)?);
            }
            structure
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lists_and_scalars_become_parameters() {
        let params = decode_json(br#"{"Names": ["a", "b"], "WithDecryption": true, "MaxResults": 5, "Token": null}"#);
        let params = params.unwrap();
        assert_eq!(params.texts("Names").unwrap(), ["a", "b"]);
        assert!(params.flag("WithDecryption").unwrap());
        assert_eq!(params.integer("MaxResults").unwrap(), Some(5));
        assert_eq!(params.text("Token"), None);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
        for body in ["[1]", "7", "{", "{\"a\" 1}", "\u{1}", deep.as_str()] {
            assert_eq!(decode_json(body.as_bytes()).unwrap_err().code, "SerializationException", "{body}");
        }
        assert_eq!(decode_json(b" ").unwrap(), Params::default());
    }
}
