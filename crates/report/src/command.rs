//! Command lines that a person can paste.

use std::fmt;

use crate::escape;

/// A command line, word by word; shown quoted for a POSIX shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(Vec<String>);

impl CommandLine {
    /// The command of these words, such as `["amictl", "apply", path]`.
    #[must_use]
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// The same with one more word.
    #[must_use]
    pub fn arg(mut self, word: impl Into<String>) -> Self {
        self.0.push(word.into());
        self
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}", escape::shell(word))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_one_by_one() {
        let command = CommandLine::new(["amictl", "apply"]).arg("my plan's; rm -rf ~.json").arg("--yes");
        assert_eq!(command.to_string(), r"amictl apply 'my plan'\''s; rm -rf ~.json' --yes");
    }
}
