//! Exit codes, and failures that carry one.

use std::process::ExitCode;

use clap::error::ErrorKind;

/// How amictl ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error; nothing changed.
    Error,
    /// Changes are pending (`--detailed-exitcode`).
    Pending,
    /// Some steps were not done.
    Partial,
    /// A guard refused.
    Refused,
    /// Something takes longer than was waited for; can be resumed.
    TimedOut,
    /// Wrong usage.
    Usage,
    /// Interrupted; can be resumed.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Pending => 2,
            Exit::Partial => 3,
            Exit::Refused => 4,
            Exit::TimedOut => 5,
            Exit::Usage => 64,
            Exit::Interrupted => 130,
        })
    }
}

/// Why a command failed, what to do about it, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The message is laid out for a terminal already (a policy's errors with their lines).
    pub(crate) laid_out: bool,
}

impl Exit {
    /// This one, unless it says that all is done.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::Done { other } else { self }
    }
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, laid_out: false }
    }

    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::new(Exit::Error, message)
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn laid_out(mut self) -> Self {
        self.laid_out = true;
        self
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error(error.to_string())
    }
}

/// Prints what clap has to say; help and version are no errors.
pub(crate) fn of_usage(error: &clap::Error) -> ExitCode {
    // Nobody may be listening, and then there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done.into(),
        _ => Exit::Usage.into(),
    }
}
