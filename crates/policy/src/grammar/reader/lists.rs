//! Lists and mappings of things that are alike.

use std::str::FromStr;

use super::Reader;
use crate::Glob;
use crate::grammar::LIST_ITEMS_MAX;
use crate::node::{Node, Value};

impl Reader {
    pub(in crate::grammar) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) if items.len() <= LIST_ITEMS_MAX => items,
            Value::List(items) => {
                let message = format!("`{what}` has {} entries", items.len());
                self.error(node.spot, message, format!("at most {LIST_ITEMS_MAX}"));
                &[]
            }
            _ => {
                self.wrong_type(node, format_args!("`{what}`"), "a list");
                &[]
            }
        }
    }

    /// A list, or one value that stands for a list of one; not empty.
    pub(in crate::grammar) fn one_or_more<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                self.error(node.spot, format!("`{what}` is empty"), "one value or more");
                &[]
            }
            Value::List(_) => self.list(node, what),
            _ => std::slice::from_ref(node),
        }
    }

    /// A glob or a list of globs, of which one must match.
    pub(in crate::grammar) fn globs(&mut self, node: &Node, what: &str) -> Option<Vec<Glob>> {
        let globs: Vec<Option<Glob>> = self.one_or_more(node, what).iter().map(|item| self.glob(item, what)).collect();
        globs.into_iter().collect::<Option<Vec<_>>>().filter(|globs| !globs.is_empty())
    }

    /// An identifier or a list of identifiers.
    pub(in crate::grammar) fn ids<T: FromStr>(&mut self, node: &Node, what: &str, allowed: &str) -> Option<Vec<T>> {
        let ids: Vec<Option<T>> =
            self.one_or_more(node, what).iter().map(|item| self.id(item, what, allowed)).collect();
        ids.into_iter().collect::<Option<Vec<_>>>().filter(|ids| !ids.is_empty())
    }

    /// A mapping of tag keys to globs over their values; not empty.
    pub(in crate::grammar) fn tag_globs(&mut self, node: &Node, what: &str) -> Option<Vec<(Box<str>, Glob)>> {
        let Value::Map(entries) = &node.value else {
            self.wrong_type(node, format_args!("`{what}`"), "a mapping of tag keys to patterns, such as {app: web}");
            return None;
        };
        if entries.is_empty() {
            self.error(
                node.spot,
                format!("`{what}` names no tag"),
                "a mapping of tag keys to patterns, such as {app: web}",
            );
            return None;
        }
        // Every entry is read, so that each error is seen.
        let globs: Vec<Option<_>> =
            entries.iter().map(|(key, node)| Some((key.name.as_str().into(), self.glob(node, &key.name)?))).collect();
        globs.into_iter().collect()
    }
}
