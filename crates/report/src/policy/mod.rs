//! What the `policy` commands say: outcomes of tests, changed verdicts, forecasts, conversions.

mod changes;
mod conversion;
mod forecast;
mod tests;

pub use changes::{PolicyDiffReport, policy_diff};
pub use conversion::policy_conversion;
pub use forecast::{ForecastReport, policy_forecast};
pub use tests::policy_tests;
