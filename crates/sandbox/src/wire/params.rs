//! A request's parameters as a tree: `Filter.1.Value.2=x` is read as `Filter` → 1 → `Value` → 2.

use std::collections::BTreeMap;

use amictl_model::Moment;
use compact_str::CompactString;

use crate::Fault;

/// Levels that a parameter's name may have.
const DEPTH_MAX: usize = 24;

/// One level of a request's parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    value: Option<Box<str>>,
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
    pub(super) fn leaf(value: &str) -> Self {
        Self { value: Some(value.into()), children: BTreeMap::new() }
    }

    /// Puts a level directly below this one.
    pub(super) fn put(&mut self, name: &str, child: Self) {
        self.children.insert(CompactString::new(name), child);
    }

    /// Puts a value directly below this level.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.children.entry(CompactString::new(name)).or_default().value = Some(value.into());
    }

    /// Puts values directly below this level, as a list that one value alone stands for as well.
    pub(crate) fn set_all(&mut self, name: &str, values: &[String]) {
        let mut list = Self { value: values.first().map(|value| value.as_str().into()), children: BTreeMap::new() };
        for (at, value) in values.iter().enumerate() {
            list.put(&(at + 1).to_string(), Self::leaf(value));
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
