//! `amictl tree`.

use amictl_policy::Policy;
use amictl_report::{TreeReport, tree};

use super::inventory::{find, inventory_of};
use crate::args::{Global, ImageArgs};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;

/// Shows what an image was copied from, and what was copied from it.
pub(crate) async fn run(global: &Global, args: &ImageArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let inventory = inventory_of(global, &args.from, &Policy::built_in(), terminal).await?;
    let report = TreeReport { inventory: &inventory, entry: find(&inventory, &args.image)?, now: wall_clock().now() };
    terminal.report(|out, output| tree(out, &report, output))?;
    Ok(Exit::Done)
}
