//! What is wrong in a policy file: every error at once, each with its place, what is allowed and the nearest spelling.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use crate::Spot;

/// A policy file's name and text, shared by everything that points into it.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    name: Arc<str>,
    source: Arc<NamedSource<Arc<str>>>,
}

impl SourceFile {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let name: Arc<str> = name.chars().flat_map(char::escape_debug).collect::<String>().into();
        let source = Arc::new(NamedSource::new(&*name, Arc::from(text)).with_language("YAML"));
        Self { name, source }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        self.source.inner()
    }
}

/// One thing that is wrong, odd or not carried out, and where it stands in the policy file.
///
/// Its `Display` is one line: `file:line:col: message (allowed: …; did you mean …)`.
#[derive(Debug, Clone)]
pub struct Located {
    /// What, as a lowercase fragment.
    pub message: String,
    /// Where.
    pub spot: Spot,
    /// What would be right, where that can be listed; in a warning, what helps.
    pub allowed: Option<String>,
    /// The nearest right spelling, where there is one.
    pub suggestion: Option<String>,
    /// How serious it is.
    pub severity: miette::Severity,
    file: SourceFile,
}

impl Located {
    pub(crate) fn error(file: &SourceFile, spot: Spot, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            spot,
            allowed: None,
            suggestion: None,
            severity: miette::Severity::Error,
            file: file.clone(),
        }
    }

    pub(crate) fn warning(file: &SourceFile, spot: Spot, message: impl Into<String>) -> Self {
        Self { severity: miette::Severity::Warning, ..Self::error(file, spot, message) }
    }

    pub(crate) fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    pub(crate) fn suggestion(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }

    /// The name of the policy file.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file.name
    }

    /// The excerpt of the policy file with the place marked, ready for a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render(self, color)
    }

    fn hint(&self) -> Option<String> {
        if self.severity == miette::Severity::Warning {
            return self.allowed.clone();
        }
        match (&self.allowed, &self.suggestion) {
            (None, None) => None,
            (Some(allowed), None) => Some(format!("allowed: {allowed}")),
            (None, Some(suggestion)) => Some(format!("did you mean `{suggestion}`?")),
            (Some(allowed), Some(suggestion)) => Some(format!("allowed: {allowed}; did you mean `{suggestion}`?")),
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file.name, self.spot.line, self.spot.column, self.message)?;
        match self.hint() {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Located {}

impl Diagnostic for Located {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.file.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(Some("here".into()), self.spot.offset as usize, self.spot.len as usize);
        Some(Box::new(std::iter::once(label)))
    }
}

/// The most errors of a file that are told: whoever has more has taken another file for a policy.
const ERRORS_MAX: usize = 200;

/// Everything that is wrong in a policy file, in the order of the file; never empty, and of hundreds the first.
///
/// Its `Display` is one line an error; [`PolicyErrors::render`] shows excerpts.
#[derive(Debug, Clone)]
pub struct PolicyErrors {
    errors: Vec<Located>,
    /// Further ones.
    more: usize,
}

impl PolicyErrors {
    /// The errors sorted by place, or `None` when there are none.
    pub(crate) fn new(mut errors: Vec<Located>) -> Option<Self> {
        errors.sort_by_key(|error| error.spot.offset);
        let more = errors.len().saturating_sub(ERRORS_MAX);
        errors.truncate(ERRORS_MAX);
        (!errors.is_empty()).then_some(Self { errors, more })
    }

    /// A single error.
    pub(crate) fn one(error: Located) -> Self {
        Self { errors: vec![error], more: 0 }
    }

    /// The errors.
    #[must_use]
    pub fn errors(&self) -> &[Located] {
        &self.errors
    }

    /// What is told after the errors.
    fn rest(&self) -> Option<String> {
        (self.more > 0).then(|| format!("and {} more errors", self.more))
    }

    /// All errors as excerpts of the file with the places marked, ready for a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let rest = self.rest().map(|rest| format!("{rest}\n"));
        self.errors.iter().map(|error| error.render(color)).chain(rest).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        self.rest().map_or(Ok(()), |rest| write!(f, "\n{rest}"))
    }
}

impl std::error::Error for PolicyErrors {}

impl Diagnostic for PolicyErrors {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.errors.iter().map(|error| error as &dyn Diagnostic)))
    }
}

/// The message alone as the headline: the excerpt below shows file, line and column itself.
#[derive(Debug)]
struct Headline<'a>(&'a Located);

impl fmt::Display for Headline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Headline<'_> {}

impl Diagnostic for Headline<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        self.0.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}

/// The most bytes that two lines before or after a place may have to be shown with it. The excerpt is laid out in columns, of which
/// there are 65,535, and a line of which only a part fits a terminal shows nothing.
const EXCERPT_BYTES_MAX: usize = 4000;

/// Whether the lines around a place are short enough to be shown.
fn is_shown(text: &str, spot: Spot) -> bool {
    const LINES: usize = 2;
    let (start, end) = (spot.offset as usize, (spot.offset + spot.len) as usize);
    let bytes = text.as_bytes();
    let before = bytes.get(start.saturating_sub(EXCERPT_BYTES_MAX)..start).unwrap_or_default();
    let after = bytes.get(end..).unwrap_or_default();
    let after = after.get(..EXCERPT_BYTES_MAX).unwrap_or(after);
    let is_short = |window: &[u8]| {
        window.len() < EXCERPT_BYTES_MAX || window.iter().filter(|byte| **byte == b'\n').count() >= LINES
    };
    spot.len as usize <= EXCERPT_BYTES_MAX && is_short(before) && is_short(after)
}

fn render(located: &Located, color: bool) -> String {
    if !is_shown(located.file.text(), located.spot) {
        return format!("{located}\n");
    }
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
    let mut out = String::new();
    match handler.render_report(&mut out, &Headline(located)) {
        Ok(()) => out,
        Err(_) => located.to_string(),
    }
}
