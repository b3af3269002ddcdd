//! `amictl snapshots` and `amictl volumes`.

use std::collections::BTreeMap;

use amictl_collect::{SnapshotRequest, read_snapshot_permissions, read_storage};
use amictl_model::{Inventory, Moment};
use amictl_policy::{Leftover, Policy, judge_snapshots, judge_volumes, needs_snapshot_permissions};
use amictl_report::LeftoverList;

use crate::args::{Global, LeftoverArgs};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::{Take, load_policy, scan_all};
use crate::progress::ScanProgress;
use crate::session::Session;
use crate::state;

/// Lists the snapshots.
pub(crate) async fn snapshots(global: &Global, args: &LeftoverArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let (policy, inventory, now) = evidence(global, args, terminal).await?;
    let verdicts = judge_snapshots(&policy, &inventory, now);
    let totals = totals(verdicts.iter().map(|verdict| verdict.standing));
    let verdicts = shown(args, verdicts, |verdict| verdict.standing);
    let list = LeftoverList { inventory: &inventory, now, totals, verdicts };
    terminal.report(|out, output| amictl_report::snapshots(out, &list, output))?;
    Ok(Exit::Done)
}

/// Lists the volumes.
pub(crate) async fn volumes(global: &Global, args: &LeftoverArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let (policy, inventory, now) = evidence(global, args, terminal).await?;
    let verdicts = judge_volumes(&policy, &inventory, now);
    let totals = totals(verdicts.iter().map(|verdict| verdict.standing));
    let verdicts = shown(args, verdicts, |verdict| verdict.standing);
    let list = LeftoverList { inventory: &inventory, now, totals, verdicts };
    terminal.report(|out, output| amictl_report::volumes(out, &list, output))?;
    Ok(Exit::Done)
}

fn totals(standings: impl Iterator<Item = Leftover>) -> BTreeMap<Leftover, u64> {
    let mut totals = BTreeMap::new();
    for standing in standings {
        *totals.entry(standing).or_default() += 1;
    }
    totals
}

/// Those that were asked for, the orphans first.
fn shown<V>(args: &LeftoverArgs, mut verdicts: Vec<V>, standing: impl Fn(&V) -> Leftover) -> Vec<V> {
    verdicts.retain(|verdict| args.shows(standing(verdict)));
    verdicts.sort_by_key(|verdict| standing(verdict));
    verdicts.truncate(args.limit.unwrap_or(usize::MAX));
    verdicts
}

/// The inventory that was named, or a new one, with what tells of snapshots and volumes.
async fn evidence(
    global: &Global,
    args: &LeftoverArgs,
    terminal: &Terminal,
) -> Result<(Policy, Inventory, Moment), Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let state = state::open(global).await?;
    if let Some(name) = &args.inventory {
        let inventory = state.load_inventory(name).await?;
        if inventory.scopes.iter().all(|scope| scope.storage.is_none()) {
            let message = format!("inventory {} does not tell of snapshots and volumes", inventory.id);
            return Err(Failure::error(message).hint("leave out --inventory: a new one is read"));
        }
        return Ok((policy, inventory, now));
    }
    state.check_writable().await?;
    let session = Session::open(global, terminal).await?;
    let progress = ScanProgress::new(terminal, session.scope_count());
    let take = Take::new(global, now);
    let clock = wall_clock();
    let mut inventory = scan_all(&session, &clock, &policy, &take, &progress).await?;
    read_storage(&session, &clock, &mut inventory, take.concurrency, &progress).await;
    let needs = needs_snapshot_permissions(&judge_snapshots(&policy, &inventory, now));
    let requests = needs.into_iter().map(|(scope, snapshots)| SnapshotRequest { scope, snapshots }).collect();
    read_snapshot_permissions(&session, &clock, &mut inventory, requests, take.concurrency, &progress).await;
    state.save_inventory(&inventory).await?;
    Ok((policy, inventory, now))
}
