//! The digest of a JSON document as it stands in a file.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{DIGEST_FIELD, TokenHasher};

/// What one pass over a document finds out.
pub(crate) struct JsonDigest {
    /// The digest that the document has.
    pub(crate) actual: String,
    /// `format_version` of the outermost object, if it is a text.
    pub(crate) format_version: Option<String>,
    /// `digest` of the outermost object, if it is a text.
    pub(crate) stated: Option<String>,
}

/// Hashes a document without holding it.
pub(crate) fn digest_of_json(bytes: &[u8]) -> Result<JsonDigest, serde_json::Error> {
    let mut feed = Feed { tokens: TokenHasher::new(), depth: 0, format_version: None, stated: None };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    AnyValue(&mut feed).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(JsonDigest { actual: feed.tokens.finish(), format_version: feed.format_version, stated: feed.stated })
}

struct Feed {
    tokens: TokenHasher,
    depth: usize,
    format_version: Option<String>,
    stated: Option<String>,
}

struct AnyValue<'f>(&'f mut Feed);

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.tokens.null();
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.tokens.bool(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.tokens.signed(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.tokens.unsigned(value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0.tokens.float(value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.0.tokens.text(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.tokens.mark(b'[');
        self.0.depth += 1;
        while items.next_element_seed(AnyValue(self.0))?.is_some() {}
        self.0.depth -= 1;
        self.0.tokens.mark(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let outermost = self.0.depth == 0;
        self.0.tokens.mark(b'{');
        self.0.depth += 1;
        while let Some(key) = fields.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*key {
                DIGEST_FIELD if outermost => self.0.stated = text(fields.next_value()?),
                "format_version" if outermost => {
                    let value: serde_json::Value = fields.next_value()?;
                    self.0.tokens.name(&key);
                    // Fed as what it is; only a text is a version.
                    match &value {
                        serde_json::Value::String(version) => self.0.tokens.text(version),
                        _ => self.0.tokens.null(),
                    }
                    self.0.format_version = text(value);
                }
                _ => {
                    self.0.tokens.name(&key);
                    fields.next_value_seed(AnyValue(self.0))?;
                }
            }
        }
        self.0.depth -= 1;
        self.0.tokens.mark(b'}');
        Ok(())
    }
}

fn text(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    }
}
