//! Calls that are asked and answered as documents: what an operation says on the wire, without the wire.

use amictl_cloud::{CloudError, ErrorClass, Operation};
use amictl_model::{Moment, Region};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::InProcess;
use crate::ops::find;
use crate::wire::{Body, Params, decode_json};

impl InProcess {
    /// Carries out the operation with these members, a JSON object; lists of the query protocols are arrays. The reply is an object:
    /// of an XML document, elements are members, their `item` and `member` elements an array, everything else a text.
    pub(super) async fn ask<O: Operation>(&self, region: &Region, members: Value) -> Result<Value, CloudError> {
        let spec = &O::SPEC;
        let unusable = |message: String| CloudError {
            class: ErrorClass::Other,
            operation: spec.name,
            code: None,
            message,
            request_id: None,
        };
        let params: Params = serde_json::to_vec(&members)
            .map_err(|error| unusable(error.to_string()))
            .and_then(|body| decode_json(&body).map_err(|fault| unusable(fault.message)))?;
        let entry = find(spec.service, spec.name).ok_or_else(|| unusable("not an operation of the sandbox".into()))?;
        let body = self.attempt(spec, region, |caller| (entry.run)(self.sandbox(), caller, &params)).await?;
        match body {
            Body::Json(json) => Ok(json.value),
            Body::Xml(_) => {
                let Some(crate::world::Written::Xml(text)) = body.written() else { return Ok(Value::Null) };
                value_of_xml(&text).map_err(|error| unusable(error.to_string()))
            }
            Body::Blob(_) => Err(unusable("the reply is no document".into())),
        }
    }
}

/// The members of an XML document without its outermost element.
fn value_of_xml(text: &str) -> Result<Value, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, Element)> = vec![(String::new(), Element::default())];
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                open.push((start.name().as_ref().to_owned(), Element::default()));
            }
            Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                put(&mut open, name, Value::String(String::new()));
            }
            Event::Text(text) => {
                if let Some((_, element)) = open.last_mut() {
                    element.text.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                let escaped = format!("&{};", &*reference);
                let character = quick_xml::escape::unescape(&escaped).map_err(quick_xml::Error::from)?.into_owned();
                if let Some((_, element)) = open.last_mut() {
                    element.text.push_str(&character);
                }
            }
            Event::End(_) => {
                if let Some((name, element)) = open.pop() {
                    put(&mut open, name, element.value());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(open.pop().map_or(Value::Null, |(_, element)| element.value()))
}

#[derive(Default)]
struct Element {
    text: String,
    items: Vec<Value>,
    members: Map<String, Value>,
}

impl Element {
    fn value(self) -> Value {
        if !self.items.is_empty() {
            return Value::Array(self.items);
        }
        if self.members.is_empty() { Value::String(self.text) } else { Value::Object(self.members) }
    }
}

fn put(open: &mut [(String, Element)], name: String, value: Value) {
    let Some((_, parent)) = open.last_mut() else { return };
    if name == "item" || name == "member" {
        parent.items.push(value);
    } else {
        parent.members.insert(name, value);
    }
}

/// The items of a list; none where there is none.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text; `None` where there is none or it is empty.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A text that is always there.
pub(super) fn said(value: &Value, name: &str) -> String {
    text(value, name).unwrap_or_default()
}

/// A whole number, written as a number or as a text.
pub(super) fn number(value: &Value, name: &str) -> u64 {
    let found = value.get(name);
    found.and_then(Value::as_u64).or_else(|| found?.as_str()?.parse().ok()).unwrap_or_default()
}

/// A moment.
pub(super) fn moment(value: &Value, name: &str) -> Option<Moment> {
    text(value, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_becomes_objects_arrays_and_texts() {
        let xml =
            "<fleetSet><item><id>a&amp;b</id><list/></item><item><id>c</id></item></fleetSet><nextToken>t</nextToken>";
        let value = value_of_xml(xml).unwrap();
        assert_eq!(items(&value, "fleetSet").len(), 2);
        assert_eq!(said(&items(&value, "fleetSet")[0], "id"), "a&b");
        assert_eq!(items(&items(&value, "fleetSet")[0], "list"), &[] as &[Value]);
        assert_eq!(text(&value, "nextToken").as_deref(), Some("t"));
    }
}
