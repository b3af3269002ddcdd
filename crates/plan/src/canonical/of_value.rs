//! The digest of a value that is in memory: the same as of its JSON, without making that JSON.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize, Serializer};

use super::{DIGEST_FIELD, TokenHasher};

/// Hashes what `value` would say as JSON.
pub(crate) fn digest_of_value<T: Serialize>(value: &T) -> Result<String, TokenError> {
    let mut feed = Feed {
        tokens: TokenHasher::new(),
        depth: 0,
        scratch: String::new(),
        next_is_name: false,
        recent_names: vec![("", 0); RECENT_NAMES],
    };
    value.serialize(&mut feed)?;
    Ok(feed.tokens.finish())
}

/// A value that has no JSON form.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct TokenError(String);

impl ser::Error for TokenError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct Feed {
    tokens: TokenHasher,
    depth: usize,
    scratch: String,
    /// Whether the next text is the key of a map.
    next_is_name: bool,
    /// Numbers of field names that the program's text holds, found by where they stand.
    recent_names: Vec<(&'static str, u32)>,
}

const RECENT_NAMES: usize = 1024;

impl Feed {
    fn open(&mut self, mark: u8) -> &mut Self {
        self.tokens.mark(mark);
        self.depth += 1;
        self
    }

    fn close(&mut self, mark: u8) {
        self.depth -= 1;
        self.tokens.mark(mark);
    }

    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), TokenError> {
        if self.depth == 1 && name == DIGEST_FIELD {
            return Ok(());
        }
        self.name(name);
        value.serialize(self)
    }

    fn name(&mut self, name: &'static str) {
        // Names of different fields may share their beginning in memory, so the length counts too.
        let slot = (name.as_ptr() as usize ^ (name.len() << 5)) % RECENT_NAMES;
        let (recent, number) = self.recent_names[slot];
        if std::ptr::eq(recent, name) && !name.is_empty() {
            self.tokens.numbered_name(number);
        } else if let Some(number) = self.tokens.name(name) {
            self.recent_names[slot] = (name, number);
        }
    }
}

macro_rules! number {
    ($($method:ident $type:ty => $feed:ident),*) => {
        $(fn $method(self, value: $type) -> Result<(), TokenError> {
            self.tokens.$feed(value.into());
            Ok(())
        })*
    };
}

impl<'f> Serializer for &'f mut Feed {
    type Ok = ();
    type Error = TokenError;
    type SerializeSeq = Open<'f>;
    type SerializeTuple = Open<'f>;
    type SerializeTupleStruct = Open<'f>;
    type SerializeTupleVariant = Open<'f>;
    type SerializeMap = Open<'f>;
    type SerializeStruct = Open<'f>;
    type SerializeStructVariant = Open<'f>;

    number!(
        serialize_i8 i8 => signed, serialize_i16 i16 => signed, serialize_i32 i32 => signed, serialize_i64 i64 => signed,
        serialize_u8 u8 => unsigned, serialize_u16 u16 => unsigned, serialize_u32 u32 => unsigned,
        serialize_u64 u64 => unsigned, serialize_f32 f32 => float
    );

    fn serialize_f64(self, value: f64) -> Result<(), TokenError> {
        // JSON has no infinities; serde_json writes null.
        if value.is_finite() {
            self.tokens.float(value);
        } else {
            self.tokens.null();
        }
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), TokenError> {
        self.tokens.bool(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), TokenError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), TokenError> {
        if std::mem::take(&mut self.next_is_name) {
            self.tokens.name(value);
        } else {
            self.tokens.text(value);
        }
        Ok(())
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<(), TokenError> {
        self.scratch.clear();
        write!(self.scratch, "{value}").map_err(|fmt::Error| TokenError("a value could not be shown".into()))?;
        let scratch = std::mem::take(&mut self.scratch);
        let fed = Serializer::serialize_str(&mut *self, &scratch);
        self.scratch = scratch;
        fed
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), TokenError> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), TokenError> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), TokenError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), TokenError> {
        self.tokens.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), TokenError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), TokenError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<(), TokenError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), TokenError> {
        let feed = self.open(b'{');
        feed.name(variant);
        value.serialize(&mut *feed)?;
        feed.close(b'}');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Open<'f>, TokenError> {
        Ok(Open { feed: self.open(b'['), closing: b"]" })
    }

    fn serialize_tuple(self, len: usize) -> Result<Open<'f>, TokenError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Open<'f>, TokenError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Open<'f>, TokenError> {
        let feed = self.open(b'{');
        feed.name(variant);
        Ok(Open { feed: feed.open(b'['), closing: b"]}" })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Open<'f>, TokenError> {
        Ok(Open { feed: self.open(b'{'), closing: b"}" })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Open<'f>, TokenError> {
        Ok(Open { feed: self.open(b'{'), closing: b"}" })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Open<'f>, TokenError> {
        let feed = self.open(b'{');
        feed.name(variant);
        Ok(Open { feed: feed.open(b'{'), closing: b"}}" })
    }
}

/// A list or object that is not closed yet.
struct Open<'f> {
    feed: &'f mut Feed,
    closing: &'static [u8],
}

impl Open<'_> {
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), TokenError> {
        value.serialize(&mut *self.feed)
    }

    fn close(self) -> Result<(), TokenError> {
        for mark in self.closing {
            self.feed.close(*mark);
        }
        Ok(())
    }
}

macro_rules! items {
    ($($trait:ident $method:ident),*) => {
        $(impl ser::$trait for Open<'_> {
            type Ok = ();
            type Error = TokenError;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), TokenError> {
                self.item(value)
            }

            fn end(self) -> Result<(), TokenError> {
                self.close()
            }
        })*
    };
}

items!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = TokenError;

    /// Keys of maps are texts in everything that is hashed.
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), TokenError> {
        self.feed.next_is_name = true;
        self.item(key)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), TokenError> {
        self.item(value)
    }

    fn end(self) -> Result<(), TokenError> {
        self.close()
    }
}

impl ser::SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = TokenError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), TokenError> {
        self.feed.field(key, value)
    }

    fn end(self) -> Result<(), TokenError> {
        self.close()
    }
}

impl ser::SerializeStructVariant for Open<'_> {
    type Ok = ();
    type Error = TokenError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), TokenError> {
        self.feed.name(key);
        self.item(value)
    }

    fn end(self) -> Result<(), TokenError> {
        self.close()
    }
}
