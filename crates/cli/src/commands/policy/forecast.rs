//! `amictl policy forecast`.

use amictl_policy::forecast;
use amictl_report::ForecastReport;

use crate::args::{ForecastArgs, Global};
use crate::clock::wall_clock;
use crate::commands::inventory::inventory_of;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::load_policy;

/// Says what the policy would do in the days to come.
pub(super) async fn run(global: &Global, args: &ForecastArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let inventory = inventory_of(global, &args.from, &policy, terminal).await?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let forecast = forecast(&policy, &inventory, now, args.days);
    let report = ForecastReport { inventory: &inventory, forecast: &forecast };
    terminal.report(|out, output| amictl_report::policy_forecast(out, &report, output))?;
    Ok(Exit::Done)
}
