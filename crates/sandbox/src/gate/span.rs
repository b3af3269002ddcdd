//! Spans of time as flags and files write them: `250us`, `20ms`, `1.5s`, `2m`, `1h`.

use std::time::Duration;

/// A text is no span of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a span of time; write 250us, 20ms, 1.5s, 2m or 1h")]
pub struct SpanError(String);

/// The longest span that is taken: a week.
const SECS_MAX: f64 = 7.0 * 86_400.0;

/// Reads a span: a number and its unit.
pub(crate) fn parse_span(text: &str) -> Result<Duration, SpanError> {
    let text = text.trim();
    let error = || SpanError(text.chars().take(100).collect());
    let unit_at = text.find(|character: char| character.is_ascii_alphabetic()).ok_or_else(error)?;
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.parse().map_err(|_| error())?;
    let secs = match unit {
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(error()),
    };
    if !(0.0..=SECS_MAX).contains(&secs) {
        return Err(error());
    }
    // Whole microseconds, so that what was read is shown as it was written.
    Ok(Duration::from_micros(Duration::from_secs_f64(secs + 5e-7).as_micros().try_into().map_err(|_| error())?))
}

/// Writes a span in the largest unit up to seconds that shows it without a long fraction.
pub(crate) fn show_span(span: Duration) -> String {
    match span.as_micros() {
        micros if micros.is_multiple_of(100_000) => format!("{}s", span.as_secs_f64()),
        micros if micros.is_multiple_of(1_000) => format!("{}ms", span.as_millis()),
        micros => format!("{micros}us"),
    }
}
