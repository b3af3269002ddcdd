//! JSON Patch (RFC 6902), as `UpdateResource` takes it.

use serde_json::Value;

use crate::Fault;

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidRequestException", message)
}

/// Applies a patch document to a value.
pub(super) fn apply(patch: &str, value: &mut Value) -> Result<(), Fault> {
    let Ok(Value::Array(steps)) = serde_json::from_str(patch) else {
        return Err(invalid("The PatchDocument is not a JSON array."));
    };
    steps.iter().try_for_each(|step| apply_step(step, value))
}

fn apply_step(step: &Value, value: &mut Value) -> Result<(), Fault> {
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    let path = text("path").ok_or_else(|| invalid("A step of the PatchDocument has no path."))?;
    let given = step.get("value").cloned();
    match text("op") {
        Some("add") => put(value, path, given.ok_or_else(no_value)?, true),
        Some("replace") => put(value, path, given.ok_or_else(no_value)?, false),
        Some("remove") => take(value, path).map(|_| ()),
        Some("test") if value.pointer(path) == given.as_ref() => Ok(()),
        Some("test") => Err(invalid("A test of the PatchDocument failed.")),
        Some(op @ ("move" | "copy")) => {
            let from = text("from").ok_or_else(|| invalid("A step of the PatchDocument has no from."))?;
            let moved = match op {
                "move" => take(value, from)?,
                _ => value.pointer(from).cloned().ok_or_else(|| no_path(from))?,
            };
            put(value, path, moved, true)
        }
        _ => Err(invalid("A step of the PatchDocument has no known op.")),
    }
}

fn no_value() -> Fault {
    invalid("A step of the PatchDocument has no value.")
}

fn no_path(path: &str) -> Fault {
    let path: String = path.chars().take(200).collect();
    invalid(format!("The path {path} of the PatchDocument does not exist."))
}

/// The level that a path is in, and the last part of the path.
fn parent<'a>(value: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), Fault> {
    let (above, last) = path.rsplit_once('/').ok_or_else(|| no_path(path))?;
    let last = last.replace("~1", "/").replace("~0", "~");
    Ok((value.pointer_mut(above).ok_or_else(|| no_path(path))?, last))
}

fn put(value: &mut Value, path: &str, new: Value, may_add: bool) -> Result<(), Fault> {
    let (level, last) = parent(value, path)?;
    match level {
        Value::Object(members) if may_add || members.contains_key(&last) => {
            members.insert(last, new);
        }
        Value::Array(members) if last == "-" && may_add => members.push(new),
        Value::Array(members) => {
            let at: usize = last.parse().map_err(|_| no_path(path))?;
            if may_add && at <= members.len() {
                members.insert(at, new);
            } else {
                *members.get_mut(at).ok_or_else(|| no_path(path))? = new;
            }
        }
        _ => return Err(no_path(path)),
    }
    Ok(())
}

fn take(value: &mut Value, path: &str) -> Result<Value, Fault> {
    let (level, last) = parent(value, path)?;
    match level {
        Value::Object(members) => members.remove(&last).ok_or_else(|| no_path(path)),
        Value::Array(members) => match last.parse::<usize>() {
            Ok(at) if at < members.len() => Ok(members.remove(at)),
            _ => Err(no_path(path)),
        },
        _ => Err(no_path(path)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_do_what_the_rfc_says() {
        let start = json!({"a": 1, "list": [1, 2], "deep": {"x/y": 1}});
        for (patch, expected) in [
            (json!([{"op": "replace", "path": "/a", "value": 2}]), json!({"a": 2, "list": [1, 2], "deep": {"x/y": 1}})),
            (
                json!([{"op": "add", "path": "/list/-", "value": 3}]),
                json!({"a": 1, "list": [1, 2, 3], "deep": {"x/y": 1}}),
            ),
            (
                json!([{"op": "add", "path": "/list/0", "value": 0}]),
                json!({"a": 1, "list": [0, 1, 2], "deep": {"x/y": 1}}),
            ),
            (json!([{"op": "remove", "path": "/deep/x~1y"}]), json!({"a": 1, "list": [1, 2], "deep": {}})),
            (json!([{"op": "move", "from": "/a", "path": "/b"}]), json!({"b": 1, "list": [1, 2], "deep": {"x/y": 1}})),
        ] {
            let mut value = start.clone();
            apply(&patch.to_string(), &mut value).unwrap();
            assert_eq!(value, expected, "{patch}");
        }
        for patch in [
            json!({}),
            json!([{"op": "replace", "path": "/b", "value": 1}]),
            json!([{"op": "remove", "path": "/list/9"}]),
            json!([{"op": "test", "path": "/a", "value": 9}]),
            json!([{"op": "add", "path": "/a/b", "value": 9}]),
            json!([{"op": "add", "path": "a"}]),
        ] {
            assert!(apply(&patch.to_string(), &mut start.clone()).is_err(), "{patch}");
        }
    }
}
