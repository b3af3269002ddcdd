//! The digest of a value that is in memory: the same as of its JSON, without making that JSON.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize, Serializer};

use super::{DIGEST_FIELD, TokenHasher};

/// Hashes what `value` would say as JSON.
pub(crate) fn digest_of_value<T: Serialize>(value: &T) -> Result<String, TokenError> {
    let mut feed = Feed::new(None);
    value.serialize(&mut feed)?;
    Ok(feed.tokens.finish())
}

/// Hashes an object whose last fields are long lists while those are made: what was just made need not be fetched from memory again.
pub(crate) struct GrowingObject {
    feed: Feed,
    /// Once a value had no JSON form, there is no digest.
    state: Result<(), TokenError>,
}

impl GrowingObject {
    /// Hashes `value` up to its field `first_list`, as an object that goes on with that list.
    pub(crate) fn new<T: Serialize>(value: &T, first_list: &'static str) -> Self {
        let mut feed = Feed::new(Some(first_list));
        let state = value.serialize(&mut feed);
        Self { feed, state }
    }

    /// Begins a list, the next field.
    pub(crate) fn open_list(&mut self, name: &'static str) {
        self.feed.name(name);
        self.feed.open(b'[');
    }

    /// The next item of the list.
    #[inline]
    pub(crate) fn item<T: Serialize>(&mut self, item: &T) {
        if self.state.is_ok() {
            self.state = item.serialize(&mut self.feed);
        }
    }

    /// Ends the list.
    pub(crate) fn close_list(&mut self) {
        self.feed.close(b']');
    }

    /// Ends the object, which [`digest_of_value`] says the same of.
    pub(crate) fn finish(mut self) -> Result<String, TokenError> {
        self.feed.close(b'}');
        self.state.map(|()| self.feed.tokens.finish())
    }
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
    /// The field of the outermost object that is not fed any more, nor is what follows.
    until: Option<&'static str>,
    stopped: bool,
    /// Numbers of field names that the program's text holds, found by where they stand.
    recent_names: Box<[Option<(&'static str, u32)>; RECENT_NAMES]>,
}

const RECENT_NAMES: usize = 1024;

impl Feed {
    fn new(until: Option<&'static str>) -> Self {
        Self {
            tokens: TokenHasher::new(),
            depth: 0,
            scratch: String::new(),
            next_is_name: false,
            until,
            stopped: false,
            recent_names: Box::new([None; RECENT_NAMES]),
        }
    }

    #[inline]
    fn open(&mut self, mark: u8) -> &mut Self {
        self.tokens.mark(mark);
        self.depth += 1;
        self
    }

    #[inline]
    fn close(&mut self, mark: u8) {
        self.depth -= 1;
        if self.depth == 0 && self.stopped {
            // The object goes on: its end is not fed either.
            (self.depth, self.stopped) = (1, false);
        } else {
            self.tokens.mark(mark);
        }
    }

    #[inline]
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), TokenError> {
        if self.depth == 1 && self.is_left_out(name) {
            return Ok(());
        }
        self.name(name);
        value.serialize(self)
    }

    /// Whether a field of the outermost object is not fed.
    #[cold]
    fn is_left_out(&mut self, name: &str) -> bool {
        self.stopped |= self.until == Some(name);
        self.stopped || name == DIGEST_FIELD
    }

    #[inline]
    fn name(&mut self, name: &'static str) {
        // Names of different fields may share their beginning in memory, so the length counts too.
        let slot = (name.as_ptr() as usize ^ (name.len() << 5)) % RECENT_NAMES;
        match self.recent_names[slot] {
            Some((recent, number)) if std::ptr::eq(recent, name) => self.tokens.numbered_name(number),
            _ => self.new_name(name, slot),
        }
    }

    #[cold]
    fn new_name(&mut self, name: &'static str, slot: usize) {
        if let Some(number) = self.tokens.name(name) {
            self.recent_names[slot] = Some((name, number));
        }
    }
}

macro_rules! number {
    ($($method:ident $type:ty => $feed:ident),*) => {
        $(#[inline]
        fn $method(self, value: $type) -> Result<(), TokenError> {
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

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<(), TokenError> {
        // JSON has no infinities; serde_json writes null.
        if value.is_finite() {
            self.tokens.float(value);
        } else {
            self.tokens.null();
        }
        Ok(())
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), TokenError> {
        self.tokens.bool(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), TokenError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
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

    #[inline]
    fn serialize_none(self) -> Result<(), TokenError> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), TokenError> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), TokenError> {
        self.tokens.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), TokenError> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), TokenError> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<(), TokenError> {
        value.serialize(self)
    }

    #[inline]
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

    #[inline]
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

    #[inline]
    fn serialize_map(self, _len: Option<usize>) -> Result<Open<'f>, TokenError> {
        Ok(Open { feed: self.open(b'{'), closing: b"}" })
    }

    #[inline]
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
    #[inline]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), TokenError> {
        value.serialize(&mut *self.feed)
    }

    #[inline]
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

            #[inline]
            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), TokenError> {
                self.item(value)
            }

            #[inline]
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
    #[inline]
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), TokenError> {
        self.feed.next_is_name = true;
        self.item(key)
    }

    #[inline]
    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), TokenError> {
        self.item(value)
    }

    #[inline]
    fn end(self) -> Result<(), TokenError> {
        self.close()
    }
}

impl ser::SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = TokenError;

    #[inline]
    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), TokenError> {
        self.feed.field(key, value)
    }

    #[inline]
    fn end(self) -> Result<(), TokenError> {
        self.close()
    }
}

impl ser::SerializeStructVariant for Open<'_> {
    type Ok = ();
    type Error = TokenError;

    #[inline]
    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), TokenError> {
        self.feed.name(key);
        self.item(value)
    }

    #[inline]
    fn end(self) -> Result<(), TokenError> {
        self.close()
    }
}
