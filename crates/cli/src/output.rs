//! Standard output for results, standard error for everything else.

use std::io::{self, IsTerminal, Write};

use amictl_report::{Format, Output, ReportError, Style, escape};

use crate::args::{Global, OutputFormat};
use crate::exit::Failure;

/// Where output goes and how it may look.
#[derive(Debug, Clone)]
pub(crate) struct Terminal {
    pub(crate) format: OutputFormat,
    pub(crate) quiet: bool,
    /// Standard error is a terminal that a progress bar can be drawn on.
    pub(crate) bars: bool,
    /// More of what happens is to be told.
    pub(crate) verbose: bool,
    /// Results are not printed: what has asked for them prints one of its own.
    muted: bool,
    color: bool,
    color_errors: bool,
    width: usize,
}

impl Terminal {
    pub(crate) fn of(global: &Global) -> Self {
        let plain = global.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let width = if io::stdout().is_terminal() { terminal_width() } else { 0 };
        Self {
            format: global.output.unwrap_or(OutputFormat::Table),
            quiet: global.quiet,
            bars: io::stderr().is_terminal() && !global.quiet && global.verbose == 0,
            verbose: global.verbose > 0,
            muted: false,
            color: !plain && io::stdout().is_terminal(),
            color_errors: !plain && io::stderr().is_terminal(),
            width,
        }
    }

    /// For the parts of a command whose result is one document: in the forms that programs read, the parts print nothing.
    pub(crate) fn of_part(&self) -> Self {
        let muted = !matches!(self.format, OutputFormat::Table | OutputFormat::Markdown);
        Self { muted, ..self.clone() }
    }

    /// How reports on standard output are to look.
    pub(crate) fn report_output(&self) -> Output {
        let format = match self.format {
            OutputFormat::Table => Format::Table,
            OutputFormat::Json => Format::Json,
            OutputFormat::Ndjson => Format::Ndjson,
            OutputFormat::Csv => Format::Csv,
            OutputFormat::Markdown => Format::Markdown,
        };
        Output { format, style: Style { width: self.width, color: self.color } }
    }

    /// Writes a report and prints it.
    pub(crate) fn report(
        &self,
        write: impl FnOnce(&mut dyn std::fmt::Write, Output) -> Result<(), ReportError>,
    ) -> Result<(), Failure> {
        if self.muted {
            return Ok(());
        }
        let mut text = String::new();
        write(&mut text, self.report_output()).map_err(|error| Failure::error(error.to_string()))?;
        self.print(&text)
    }

    /// Whether colours may be used in messages on standard error.
    pub(crate) fn color_errors(&self) -> bool {
        self.color_errors
    }

    /// Prints a result. A reader who has heard enough is no error.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = out
            .write_all(text.as_bytes())
            .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
            .and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(Failure::from),
        }
    }

    /// Says something in passing, on standard error.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            say(&escape::terminal(text));
        }
    }

    /// Says something that nobody is to miss, on standard error, also when it is to be quiet.
    pub(crate) fn say(&self, text: &str) {
        say(&escape::terminal(text));
    }

    /// Says something of several lines that is laid out already.
    pub(crate) fn note_laid_out(&self, text: &str) {
        if !self.quiet {
            say(text.trim_end());
        }
    }

    /// Says why it failed.
    pub(crate) fn complain(&self, failure: &Failure) {
        if failure.laid_out {
            say(failure.message.trim_end());
        } else {
            say(&format!("error: {}", escape::terminal(&failure.message)));
        }
        if let Some(hint) = &failure.hint {
            say(&format!("hint: {}", escape::terminal(hint)));
        }
    }
}

/// A line on standard error. Nobody may be listening there any more, and then there is nobody to tell.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn terminal_width() -> usize {
    let (_, columns) = console::Term::stdout().size();
    usize::from(columns).clamp(60, 240)
}
