//! `amictl notify`.

use crate::args::{Global, NotifyArgs};
use crate::clock::wall_clock;
use crate::commands::inventory::take;
use crate::commands::plan::warn_of_unmatched;
use crate::exit::{Exit, Failure};
use crate::notices::Telling;
use crate::output::Terminal;
use crate::pipeline::load_policy;
use crate::session::Session;
use crate::state;

/// Tells owners which stages come soon.
pub(crate) async fn run(global: &Global, args: &NotifyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let Some(notify) = &policy.notify else {
        return Err(Failure::error("the policy names nobody who is to be told")
            .hint("add `notify: { before: 7d, to: [{ file: notices.ndjson }] }` to it; docs/policy.md has more"));
    };
    let state = state::open(global).await?;
    state.check_writable().await?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let inventory = match &args.inventory {
        Some(name) => state.load_inventory(name).await?,
        None => {
            let session = Session::open(global, terminal).await?;
            let inventory = take(global, &session, &policy, now, terminal).await?;
            state.save_inventory(&inventory).await?;
            inventory
        }
    };
    warn_of_unmatched(&policy, &inventory, now, terminal);
    let telling = Telling { global, state: &state, policy: &policy, notify, inventory: &inventory, now };
    let told = telling.tell(args.dry_run).await?;
    telling.show(&told, terminal)?;
    Ok(if told.failed() > 0 { Exit::Partial } else { Exit::Done })
}
