//! A plan as a file, and what makes a file no plan.

use std::collections::HashSet;
use std::io;

use serde_json::ser::Formatter;

use crate::canonical::{digest_of_json, digest_of_value};
use crate::{FORMAT_VERSION, Plan};

/// Why a file is not a plan that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFileError {
    /// It ends too early.
    #[error("the plan file is cut off at line {line}, column {column}")]
    Truncated {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// It is no JSON.
    #[error("the plan file is not JSON: {message}")]
    NotJson {
        /// What JSON stumbles over, and where.
        message: String,
    },
    /// It is JSON and no plan.
    #[error("the file is not an amictl plan: {message}")]
    NotAPlan {
        /// What is missing or of a wrong type.
        message: String,
    },
    /// A newer amictl wrote it.
    #[error("the plan has format {found}, and this amictl reads {} and the later minors of its major", FORMAT_VERSION)]
    Format {
        /// What the file says.
        found: String,
    },
    /// It is not what was written.
    #[error("the plan was edited after it was made: its digest is {actual} and it says {stated}; make a new plan")]
    Digest {
        /// The digest of what it says.
        actual: String,
        /// The digest that it states.
        stated: String,
    },
    /// It contradicts itself.
    #[error("the plan contradicts itself: {message}")]
    Contradiction {
        /// How.
        message: String,
    },
}

impl Plan {
    /// The digest of what this version knows of the plan: `sha256:` and hexadecimal digits.
    ///
    /// The digest of a file also covers fields that a newer minor wrote, so it is [`Plan::read`] that compares.
    #[must_use]
    pub fn digest_now(&self) -> String {
        // Every part of a plan has a JSON form; if one had not, no file would state this.
        digest_of_value(self).unwrap_or_else(|error| format!("no digest: {error}"))
    }

    /// The same plan with only these steps, under another id: as old as this one, and held against the same caps.
    #[must_use]
    pub fn only(&self, steps: &HashSet<&str>, plan_id: String) -> Self {
        let mut plan = Self { plan_id, ..self.clone() };
        plan.steps.retain(|step| steps.contains(step.id.as_str()));
        for step in &mut plan.steps {
            step.after = step.after.iter().filter(|id| steps.contains(id.as_str())).cloned().collect();
        }
        plan.digest = plan.digest_now();
        plan
    }

    /// Writes the plan as JSON, one line for each verdict and step.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_to(&self, writer: impl io::Write) -> io::Result<()> {
        use serde::Serialize as _;
        let mut writer = io::BufWriter::with_capacity(1 << 16, writer);
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, LineEach::default()))?;
        io::Write::write_all(&mut writer, b"\n")?;
        io::Write::flush(&mut writer)
    }

    /// Reads a plan file and checks it: whole, of a format that is known, unedited, without contradictions.
    ///
    /// # Errors
    /// [`PlanFileError`] says what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let found = digest_of_json(bytes).map_err(|error| not_json(&error))?;
        let Some(format) = found.format_version else {
            return Err(PlanFileError::NotAPlan { message: "it has no `format_version`".into() });
        };
        if format.split('.').next() != FORMAT_VERSION.split('.').next() {
            return Err(PlanFileError::Format {
                found: format.chars().take(20).flat_map(char::escape_debug).collect(),
            });
        }
        let Some(stated) = found.stated else {
            return Err(PlanFileError::NotAPlan { message: "it has no `digest`".into() });
        };
        if stated != found.actual {
            let stated = stated.chars().take(80).flat_map(char::escape_debug).collect();
            return Err(PlanFileError::Digest { actual: found.actual, stated });
        }
        let plan: Self = serde_json::from_slice(bytes)
            .map_err(|error| PlanFileError::NotAPlan { message: escaped(&error.to_string()) })?;
        plan.check().map_err(|message| PlanFileError::Contradiction { message })?;
        Ok(plan)
    }
}

fn not_json(error: &serde_json::Error) -> PlanFileError {
    if error.is_eof() {
        PlanFileError::Truncated { line: error.line(), column: error.column() }
    } else {
        PlanFileError::NotJson { message: escaped(&error.to_string()) }
    }
}

fn escaped(text: &str) -> String {
    text.chars().take(300).flat_map(char::escape_debug).collect()
}

/// Breaks the line between the fields of the plan and the items of its lists: a plan reads and compares line by line.
#[derive(Default)]
struct LineEach {
    depth: usize,
}

/// Lines are broken down to this depth.
const DEPTH_OF_LINES: usize = 2;

impl LineEach {
    fn item<W: ?Sized + io::Write>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn line<W: ?Sized + io::Write>(&self, writer: &mut W) -> io::Result<()> {
        match self.depth {
            1 => writer.write_all(b"\n  "),
            2 => writer.write_all(b"\n    "),
            _ => Ok(()),
        }
    }

    fn close<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        match self.depth {
            0 => writer.write_all(b"\n"),
            depth if depth < DEPTH_OF_LINES => self.line(writer),
            _ => Ok(()),
        }
    }
}

impl Formatter for LineEach {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer)?;
        writer.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.item(writer, first)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer)?;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.item(writer, first)
    }
}
