//! Messages without the machinery of `format!`, which would take longer than all else that judging does.

use std::fmt::{Display, Write as _};

use compact_str::CompactString;

/// A message that is being put together, in a buffer that is used again and again, so that each is allocated once and at its size.
pub(super) struct Words<'s>(&'s mut String);

impl<'s> Words<'s> {
    pub(super) fn new(scratch: &'s mut String) -> Self {
        scratch.clear();
        Self(scratch)
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.0.push_str(text);
        self
    }

    pub(super) fn number(self, number: impl itoa::Integer) -> Self {
        self.text(itoa::Buffer::new().format(number))
    }

    /// What is too rare to be worth more.
    pub(super) fn show(self, value: impl Display) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value}");
        self
    }

    pub(super) fn done(self) -> CompactString {
        CompactString::new(self.0.as_str())
    }
}
