//! `amictl snapshots` and `amictl volumes`.

use std::collections::{BTreeMap, BTreeSet};

use amictl_collect::{SnapshotRequest, read_snapshot_permissions, read_storage};
use amictl_model::{IdError, Inventory, Moment, SnapshotId, VolumeId};
use amictl_policy::{Leftover, Policy, judge_snapshots, judge_volumes, needs_snapshot_permissions};
use amictl_report::LeftoverList;

use crate::args::{Global, LeftoverArgs};
use crate::clock::wall_clock;
use crate::commands::removal;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::{Take, load_policy, scan_all};
use crate::progress::ScanProgress;
use crate::session::Session;
use crate::state;

/// Lists the snapshots.
pub(crate) async fn snapshots(global: &Global, args: &LeftoverArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let Evidence { policy, inventory, now, session } = evidence(global, args, true, terminal).await?;
    let verdicts = judge_snapshots(&policy, &inventory, now);
    if let Some(session) = session.filter(|_| args.delete) {
        return removal::snapshots(global, args, &session, &inventory, &verdicts, terminal).await;
    }
    let verdicts: Vec<_> = verdicts.into_iter().filter(|verdict| args.names(verdict.snapshot.id.as_str())).collect();
    let totals = totals(verdicts.iter().map(|verdict| verdict.standing));
    let verdicts = shown(args, verdicts, |verdict| verdict.standing);
    let list = LeftoverList { inventory: &inventory, now, totals, verdicts };
    terminal.report(|out, output| amictl_report::snapshots(out, &list, output))?;
    Ok(Exit::Done)
}

/// Lists the volumes.
pub(crate) async fn volumes(global: &Global, args: &LeftoverArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let Evidence { policy, inventory, now, session } = evidence(global, args, false, terminal).await?;
    let verdicts = judge_volumes(&policy, &inventory, now);
    if let Some(session) = session.filter(|_| args.delete) {
        return removal::volumes(global, args, &session, &inventory, &verdicts, terminal).await;
    }
    let verdicts: Vec<_> = verdicts.into_iter().filter(|verdict| args.names(&verdict.volume.id)).collect();
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

/// What is known of snapshots and volumes.
struct Evidence {
    policy: Policy,
    inventory: Inventory,
    now: Moment,
    /// Where it was read just now.
    session: Option<Session>,
}

/// The inventory that was named, or a new one, with what tells of snapshots and volumes.
async fn evidence(
    global: &Global,
    args: &LeftoverArgs,
    of_snapshots: bool,
    terminal: &Terminal,
) -> Result<Evidence, Failure> {
    args.check().map_err(Failure::usage)?;
    let named: Vec<SnapshotId> = if of_snapshots { ids(args)? } else { Vec::new() };
    if !of_snapshots {
        ids::<VolumeId>(args)?;
    }
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let state = state::open(global).await?;
    if let Some(name) = &args.inventory {
        let inventory = state.load_inventory(name).await?;
        if inventory.scopes.iter().all(|scope| scope.storage.is_none()) {
            let message = format!("inventory {} does not tell of snapshots and volumes", inventory.id);
            return Err(Failure::error(message).hint("leave out --inventory: a new one is read"));
        }
        return Ok(Evidence { policy, inventory, now, session: None });
    }
    state.check_writable().await?;
    let session = Session::open(global, terminal).await?;
    let progress = ScanProgress::new(terminal, session.scope_count());
    let take = Take::new(global, now);
    let clock = wall_clock();
    let mut inventory = scan_all(&session, &clock, &policy, &take, &progress).await?;
    read_storage(&session, &clock, &mut inventory, take.concurrency, &progress).await;
    let needs = needs_snapshot_permissions(&judge_snapshots(&policy, &inventory, now));
    // Who else may use a snapshot that was made for no image is asked only where somebody wants to delete it.
    let mut wanted: BTreeMap<usize, BTreeSet<SnapshotId>> = BTreeMap::new();
    for (scope, snapshots) in needs {
        wanted.entry(scope).or_default().extend(snapshots);
    }
    for (at, scope) in inventory.scopes.iter().enumerate().filter(|_| args.delete) {
        let here = named.iter().filter(|id| scope.snapshot(id).is_some()).cloned();
        wanted.entry(at).or_default().extend(here);
    }
    let asked = wanted.into_iter().filter(|(_, snapshots)| !snapshots.is_empty());
    let requests =
        asked.map(|(scope, snapshots)| SnapshotRequest { scope, snapshots: snapshots.into_iter().collect() }).collect();
    read_snapshot_permissions(&session, &clock, &mut inventory, requests, take.concurrency, &progress).await;
    state.save_inventory(&inventory).await?;
    Ok(Evidence { policy, inventory, now, session: Some(session) })
}

/// The ids that were named.
fn ids<T: std::str::FromStr<Err = IdError>>(args: &LeftoverArgs) -> Result<Vec<T>, Failure> {
    let parsed = args.ids.iter().map(|id| id.parse().map_err(|error: IdError| Failure::usage(error.to_string())));
    parsed.collect()
}
