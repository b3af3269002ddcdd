//! A request's parameters as a tree: `Filter.1.Value.2=x` is read as `Filter` → 1 → `Value` → 2.

use std::collections::BTreeMap;

use amictl_model::Moment;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::Fault;

/// Levels that a parameter's name may have.
const DEPTH_MAX: usize = 24;

/// What a level was in the document that it was read from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Text of a query string or of a path, which may stand for any type.
    #[default]
    Wire,
    /// A JSON string.
    Text,
    /// A JSON number.
    Number,
    /// A JSON boolean.
    Boolean,
    /// A JSON array.
    List,
    /// A JSON object.
    Structure,
}

impl Kind {
    fn is_wire(&self) -> bool {
        *self == Self::Wire
    }
}

/// One level of a request's parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Params {
    #[serde(default, skip_serializing_if = "Kind::is_wire")]
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    children: BTreeMap<CompactString, Params>,
}

impl Params {
    /// Puts a value at a dotted name; the last of two equal names wins.
    pub(super) fn insert(&mut self, name: &str, value: String) -> Result<(), Fault> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if part.is_empty() || depth >= DEPTH_MAX {
                return Err(Fault::new("MalformedQueryString", "The query string contains a syntax error."));
            }
            node = node.children.entry(CompactString::new(part)).or_default();
        }
        node.value = Some(value.into_boxed_str());
        Ok(())
    }

    /// A scalar by itself.
    pub(super) fn leaf(kind: Kind, value: &str) -> Self {
        Self { kind, value: Some(value.into()), children: BTreeMap::new() }
    }

    /// An array or an object without members.
    pub(super) fn empty(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// What it was in the document that it was read from.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether there is nothing below.
    pub(crate) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// Puts a level directly below this one.
    pub(crate) fn put(&mut self, name: &str, child: Self) {
        self.children.insert(CompactString::new(name), child);
    }

    /// Puts a value directly below this level.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.put(name, Self::leaf(Kind::Wire, value));
    }

    /// Puts values directly below this level, as a list that one value alone stands for as well.
    pub(crate) fn set_all(&mut self, name: &str, values: &[String]) {
        let mut list = Self { value: values.first().map(|value| value.as_str().into()), ..Self::default() };
        for (at, value) in values.iter().enumerate() {
            list.put(&(at + 1).to_string(), Self::leaf(Kind::Wire, value));
        }
        self.put(name, list);
    }

    /// The value at this level itself.
    pub(crate) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The structure of this name.
    pub(crate) fn structure(&self, name: &str) -> Option<&Self> {
        self.children.get(name)
    }

    /// The names and levels below, in byte order.
    pub(crate) fn children(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.children.iter().map(|(name, child)| (name.as_str(), child))
    }

    /// The same with what `over` has at its top level laid over it.
    pub(crate) fn overlaid(&self, over: &Self) -> Self {
        let mut merged = self.clone();
        for (name, child) in &over.children {
            merged.children.insert(name.clone(), child.clone());
        }
        merged
    }

    /// A digest of everything at and below this level but for the names directly below that are not `counted`.
    pub(crate) fn digest(&self, counted: impl Fn(&str) -> bool) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325;
        for (name, child) in self.children().filter(|(name, _)| counted(name)) {
            child.add_to_digest(name, &mut hash);
        }
        hash
    }

    /// FNV-1a over name, value and what is below, each ended so that nothing runs into the next.
    fn add_to_digest(&self, name: &str, hash: &mut u64) {
        let value = self.value.as_deref().map_or(&[][..], str::as_bytes);
        for byte in
            name.bytes().chain([0xff, u8::from(self.value.is_some())]).chain(value.iter().copied()).chain([0xff])
        {
            *hash = (*hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        for (name, child) in self.children() {
            child.add_to_digest(name, hash);
        }
        *hash = (*hash ^ 0xfe).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// The text of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.children.get(name)?.value()
    }

    /// The text of this name, owned; an empty one is none.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The text of this name, which must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Fault> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| Fault::missing(name))
    }

    /// A boolean; none counts as false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Fault> {
        Ok(self.boolean(name)?.unwrap_or(false))
    }

    /// A boolean.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(Some(false)),
            Some(text) => Err(Fault::invalid_value(name, text)),
        }
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Fault> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Fault::invalid_value(name, text)),
        }
    }

    /// A number of GiB, IOPS and the like.
    pub(crate) fn unsigned(&self, name: &str) -> Result<Option<u32>, Fault> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Fault::invalid_value(name, text)),
        }
    }

    /// A point in time.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Moment>, Fault> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Fault::invalid_value(name, text)),
        }
    }

    /// The members of a list in the order of their numbers: `Name.1`, `Name.2` as EC2 writes them, or `Name.member.1`.
    pub(crate) fn structures(&self, name: &str) -> Result<Vec<&Self>, Fault> {
        let Some(list) = self.children.get(name) else { return Ok(Vec::new()) };
        let list = list.children.get("member").unwrap_or(list);
        let mut members = Vec::with_capacity(list.children.len());
        for (number, member) in &list.children {
            let number: u32 = number.parse().map_err(|_| Fault::malformed_list(name))?;
            members.push((number, member));
        }
        members.sort_by_key(|(number, _)| *number);
        Ok(members.into_iter().map(|(_, member)| member).collect())
    }

    /// The members of this level as a list, in the order of their numbers; other names are left out.
    pub(crate) fn structures_here(&self) -> Vec<&Self> {
        let numbered = self.children.iter().filter_map(|(name, child)| Some((name.parse::<u32>().ok()?, child)));
        let mut members: Vec<(u32, &Self)> = numbered.collect();
        members.sort_by_key(|(number, _)| *number);
        members.into_iter().map(|(_, member)| member).collect()
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Fault> {
        self.structures(name)?
            .into_iter()
            .map(|member| member.value().map(str::to_owned).ok_or_else(|| Fault::malformed_list(name)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::decode_form;

    #[test]
    fn lists_come_in_the_order_of_their_numbers_in_both_dialects() {
        let ec2 = decode_form(b"Id.10=c&Id.2=b&Id.1=a").unwrap();
        assert_eq!(ec2.texts("Id").unwrap(), ["a", "b", "c"]);
        let query = decode_form(b"Id.member.2=b&Id.member.1=a").unwrap();
        assert_eq!(query.texts("Id").unwrap(), ["a", "b"]);
        assert_eq!(query.texts("Absent").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn lists_that_are_none_are_refused() {
        for form in ["Id.x=1", "Id.-1=1", "Id.1.Deep=1", "Id.99999999999=1", "Id.member.x=1"] {
            assert!(decode_form(form.as_bytes()).unwrap().texts("Id").is_err(), "{form}");
        }
    }

    #[test]
    fn scalars_are_checked() {
        let params = decode_form(b"Yes=true&No=False&Odd=maybe&N=12&Far=1e9&At=2026-11-21T00:00:00Z").unwrap();
        assert!(params.flag("Yes").unwrap() && !params.flag("No").unwrap() && !params.flag("Absent").unwrap());
        assert!(params.flag("Odd").is_err() && params.integer("Far").is_err() && params.moment("Odd").is_err());
        assert_eq!(params.integer("N").unwrap(), Some(12));
        assert_eq!(params.moment("At").unwrap().unwrap().to_string(), "2026-11-21T00:00:00Z");
        assert!(params.required("Absent").is_err());
    }
}
