//! `amictl policy diff`.

use amictl_policy::diff;
use amictl_report::PolicyDiffReport;

use crate::args::{DiffArgs, Global};
use crate::clock::wall_clock;
use crate::commands::inventory::inventory_of;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::parse_policy;

/// Says which verdicts change from the old policy to the new one.
pub(super) async fn run(global: &Global, args: &DiffArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let old = parse_policy(&args.old, terminal)?;
    let new = parse_policy(&args.new, terminal)?;
    let inventory = inventory_of(global, &args.from, &new, terminal).await?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let changes = diff(&old, &new, &inventory, now);
    let report = PolicyDiffReport { inventory: &inventory, now, changes: &changes };
    terminal.report(|out, output| amictl_report::policy_diff(out, &report, output))?;
    Ok(Exit::Done)
}
