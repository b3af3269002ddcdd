//! How long a call takes before it reaches the world.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::span::{SpanError, parse_span, show_span};
use crate::chance::Chance;

/// A fixed time, or a distribution of times; read from `20ms`, `uniform:5ms-50ms` or `lognormal:20ms,0.5`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Latency {
    /// Every call takes as long.
    Fixed(Duration),
    /// Every time between two is as likely.
    Uniform {
        /// The shortest.
        from: Duration,
        /// The longest.
        to: Duration,
    },
    /// Most calls take about the median and a few much longer, as over a network.
    LogNormal {
        /// Half of the calls take longer.
        median: Duration,
        /// The standard deviation of the time's natural logarithm, at most 5.
        sigma: f64,
    },
}

/// No call takes longer than this, whatever is drawn.
const LATENCY_MAX: Duration = Duration::from_secs(600);

impl Latency {
    /// The time of one call: the draw of this number.
    pub(crate) fn draw(self, chance: Chance, number: u64) -> Duration {
        let drawn = match self {
            Self::Fixed(latency) => latency,
            Self::Uniform { from, to } => from + to.saturating_sub(from).mul_f64(chance.unit(UNIFORM, number)),
            Self::LogNormal { median, sigma } => {
                // Box and Muller; one minus the draw is never zero.
                let radius = (-2.0 * (1.0 - chance.unit(RADIUS, number)).ln()).sqrt();
                let angle = std::f64::consts::TAU * chance.unit(ANGLE, number);
                let secs = median.as_secs_f64() * (sigma * radius * angle.cos()).exp();
                Duration::try_from_secs_f64(secs).unwrap_or(LATENCY_MAX)
            }
        };
        drawn.min(LATENCY_MAX)
    }
}

const UNIFORM: u64 = u64::MAX - 1;
const RADIUS: u64 = u64::MAX - 2;
const ANGLE: u64 = u64::MAX - 3;

impl Default for Latency {
    /// No latency.
    fn default() -> Self {
        Self::Fixed(Duration::ZERO)
    }
}

impl From<Duration> for Latency {
    fn from(latency: Duration) -> Self {
        Self::Fixed(latency)
    }
}

/// Why a text is no latency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LatencyError {
    /// A time in it is none.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// It has another form.
    #[error("'{0}' is not a latency; write 20ms, uniform:5ms-50ms or lognormal:20ms,0.5")]
    Form(String),
}

impl FromStr for Latency {
    type Err = LatencyError;

    fn from_str(text: &str) -> Result<Self, LatencyError> {
        let form = || LatencyError::Form(text.to_owned());
        if let Some(range) = text.strip_prefix("uniform:") {
            let (from, to) = range.split_once('-').ok_or_else(form)?;
            let (from, to) = (parse_span(from)?, parse_span(to)?);
            return if from <= to { Ok(Self::Uniform { from, to }) } else { Err(form()) };
        }
        if let Some(shape) = text.strip_prefix("lognormal:") {
            let (median, sigma) = shape.split_once(',').ok_or_else(form)?;
            let sigma: f64 = sigma.trim().parse().map_err(|_| form())?;
            let median = parse_span(median)?;
            return if (0.0..=5.0).contains(&sigma) { Ok(Self::LogNormal { median, sigma }) } else { Err(form()) };
        }
        Ok(Self::Fixed(parse_span(text)?))
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(latency) => f.write_str(&show_span(*latency)),
            Self::Uniform { from, to } => write!(f, "uniform:{}-{}", show_span(*from), show_span(*to)),
            Self::LogNormal { median, sigma } => write!(f, "lognormal:{},{sigma}", show_span(*median)),
        }
    }
}

impl TryFrom<String> for Latency {
    type Error = LatencyError;

    fn try_from(text: String) -> Result<Self, LatencyError> {
        text.parse()
    }
}

impl From<Latency> for String {
    fn from(latency: Latency) -> Self {
        latency.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_read_and_shown() {
        for text in ["0s", "20ms", "1.5s", "uniform:5ms-50ms", "lognormal:20ms,0.5"] {
            assert_eq!(text.parse::<Latency>().unwrap().to_string(), text);
        }
        for text in
            ["", "20", "ms", "-1s", "uniform:5ms", "uniform:50ms-5ms", "lognormal:20ms", "lognormal:20ms,9", "1e99s"]
        {
            assert!(text.parse::<Latency>().is_err(), "{text}");
        }
    }

    #[test]
    fn draws_have_their_distribution_and_repeat() {
        let draws = |text: &str| -> Vec<f64> {
            let latency: Latency = text.parse().unwrap();
            let mut draws: Vec<f64> =
                (0..9_999).map(|number| latency.draw(Chance::new(7), number).as_secs_f64()).collect();
            draws.sort_by(f64::total_cmp);
            draws
        };
        let uniform = draws("uniform:5ms-50ms");
        assert!(uniform[0] >= 0.005 && uniform[9_998] <= 0.05 && (0.026..0.029).contains(&uniform[4_999]));
        let skewed = draws("lognormal:20ms,0.5");
        assert!((0.0195..0.0205).contains(&skewed[4_999]), "{}", skewed[4_999]);
        // The 84th percentile is one sigma away.
        assert!((0.031..0.0345).contains(&skewed[8_413]), "{}", skewed[8_413]);
        assert_eq!(skewed, draws("lognormal:20ms,0.5"));
    }
}
