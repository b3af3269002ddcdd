//! A world in a file: JSON with a format version, written and read as a stream.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufWriter, Read, Write};

use amictl_model::Moment;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::ser::Formatter;

use super::World;

/// The format that this version writes: a reader ignores unknown fields of a minor and refuses a new major.
const FORMAT_VERSION: &str = "1.0";
/// Tells a saved world from other files.
const KIND: &str = "amictl-sandbox-world";
const BUFFER_BYTES: usize = 1 << 18;

/// Why a file cannot be read as a saved world.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is JSON of something else.
    #[error("not a saved world: `kind` is not `{KIND}`")]
    Kind,
    /// It was written by a version with another major.
    #[error("the world was saved in format {found}, this version reads 1.x")]
    Format {
        /// What the file says.
        found: String,
    },
    /// It is broken, with line and column.
    #[error("not a saved world: {0}")]
    Broken(#[from] serde_json::Error),
}

/// A world as it was read, with the time that a virtual clock showed when it was saved.
#[derive(Debug)]
pub struct Loaded {
    /// The world.
    pub world: World,
    /// What a clock that is not the computer's showed.
    pub clock: Option<Moment>,
}

#[derive(Serialize)]
struct Saved<'a> {
    kind: &'static str,
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<Moment>,
    world: &'a World,
}

impl World {
    /// Writes the world as JSON that [`World::load`] reads; `clock` is what a virtual clock shows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn save(&self, clock: Option<Moment>, writer: impl Write) -> io::Result<()> {
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, writer);
        let saved = Saved { kind: KIND, format_version: FORMAT_VERSION, clock, world: self };
        saved.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, Lines::default()))?;
        writer.write_all(b"\n")?;
        writer.flush()
    }

    /// Reads what [`World::save`] wrote. The world goes on exactly as the saved one would have.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the file, and where.
    pub fn load(reader: impl Read) -> Result<Loaded, LoadError> {
        let wrong = Cell::new(None);
        let reader = io::BufReader::with_capacity(BUFFER_BYTES, reader);
        let mut deserializer = serde_json::Deserializer::from_reader(reader);
        let loaded = deserializer.deserialize_map(File { wrong: &wrong }).and_then(|loaded| {
            deserializer.end()?;
            Ok(loaded)
        });
        loaded.map_err(|error| wrong.take().unwrap_or(LoadError::Broken(error)))
    }
}

/// The file's outermost object: `kind` and `format_version` must come before `world`, so that nothing is read for another kind.
struct File<'a> {
    wrong: &'a Cell<Option<LoadError>>,
}

impl File<'_> {
    fn refuse<E: serde::de::Error>(&self, error: LoadError) -> E {
        let text = error.to_string();
        self.wrong.set(Some(error));
        E::custom(text)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    Kind,
    FormatVersion,
    Clock,
    World,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for File<'_> {
    type Value = Loaded;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a saved world")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut file: A) -> Result<Loaded, A::Error> {
        let (mut is_kind, mut is_format, mut clock, mut world) = (false, false, None, None);
        while let Some(key) = file.next_key()? {
            match key {
                Key::Kind if file.next_value::<String>()? == KIND => is_kind = true,
                Key::Kind => return Err(self.refuse(LoadError::Kind)),
                Key::FormatVersion => {
                    let found: String = file.next_value()?;
                    if found.split('.').next() != Some("1") {
                        let found = found.chars().take(20).collect();
                        return Err(self.refuse(LoadError::Format { found }));
                    }
                    is_format = true;
                }
                Key::Clock => clock = file.next_value()?,
                Key::World if is_kind && is_format => world = Some(file.next_value()?),
                Key::World => return Err(A::Error::custom("`kind` and `format_version` must come before `world`")),
                Key::Other => {
                    file.next_value::<IgnoredAny>()?;
                }
            }
        }
        match world {
            Some(world) => Ok(Loaded { world, clock }),
            None if is_kind => Err(A::Error::missing_field("world")),
            None => Err(self.refuse(LoadError::Kind)),
        }
    }
}

/// JSON with a line for each resource, so that errors have a line worth telling.
#[derive(Debug, Default)]
struct Lines {
    depth: u32,
}

/// Levels that begin their members on new lines: the file, the world, its scopes, their resources, and their kinds.
const LINE_DEPTH_MAX: u32 = 6;

impl Lines {
    fn member<W: ?Sized + Write>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        match (first, self.depth <= LINE_DEPTH_MAX) {
            (true, true) => writer.write_all(b"\n"),
            (true, false) => Ok(()),
            (false, true) => writer.write_all(b",\n"),
            (false, false) => writer.write_all(b","),
        }
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.member(writer, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.member(writer, first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn saved(world: &World) -> String {
        let mut text = Vec::new();
        world.save(None, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_world_comes_back_as_it_was() {
        let world = sample("2026-11-21T09:00:00Z".parse().unwrap());
        let text = saved(&world);
        let loaded = World::load(text.as_bytes()).unwrap();
        assert!(format!("{:?}", loaded.world) == format!("{world:?}"));
        assert_eq!(saved(&loaded.world), text);
        assert_eq!(loaded.clock, None);
    }

    #[test]
    fn what_a_newer_minor_added_is_ignored_and_a_newer_major_refused() {
        let text = saved(&World::new(7));
        let newer = text
            .replace("\"format_version\":\"1.0\"", "\"format_version\":\"1.9\",\"seasons\":[{\"a\":1}]")
            .replace("\"seed\"", "\"shape\":{\"b\":[]},\"seed\"");
        assert_eq!(saved(&World::load(newer.as_bytes()).unwrap().world), text);
        let major = text.replace("\"1.0\"", "\"2.0\"");
        assert!(matches!(World::load(major.as_bytes()), Err(LoadError::Format { found }) if found == "2.0"));
    }

    #[test]
    fn bad_files_are_refused_with_their_place() {
        let text = saved(&sample("2026-11-21T09:00:00Z".parse().unwrap()));
        let broken = text.replacen("\"available\"", "\"available", 1);
        let error = World::load(broken.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(" at line ") && !error.contains(" at line 1 "), "{error}");
        for (file, expected) in [
            ("", "EOF"),
            ("[]", "expected a saved world at line 1"),
            ("{\"format_version\":\"1.0\",\"id\":\"x\",\"scopes\":[]}", "`kind` is not"),
            ("{\"kind\":\"amictl-sandbox-world\",\"format_version\":\"1.0\"}", "missing field `world`"),
            ("{\"kind\":\"amictl-sandbox-world\",\"world\":{}}", "must come before"),
            (&text[..text.len() / 2], "EOF"),
            (&format!("{text}x"), "trailing characters"),
        ] {
            let error = World::load(file.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
