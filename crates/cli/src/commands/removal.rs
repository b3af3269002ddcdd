//! `amictl snapshots --delete` and `amictl volumes --delete`: what is left over, or was named, goes through a plan.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::Clouds;
use amictl_collect::{read_recovery, read_volume_rules, retention_days};
use amictl_model::{Image, Inventory, Scope, Tags};
use amictl_plan::{Change, CommandStep, SnapshotRemoval, VolumeRemoval};
use amictl_policy::{Leftover, SnapshotVerdict, VolumeVerdict};

use crate::args::{Global, LeftoverArgs};
use crate::commands::life::{Wanted, by_runs, carry_out, unknown_image};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// Something that may go.
struct Candidate {
    id: String,
    scope: Scope,
    standing: Leftover,
    because: String,
}

/// Deletes snapshots.
pub(super) async fn snapshots(
    global: &Global,
    args: &LeftoverArgs,
    session: &Session,
    inventory: &Inventory,
    verdicts: &[SnapshotVerdict<'_>],
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let candidates = verdicts.iter().map(|verdict| Candidate {
        id: verdict.snapshot.id.to_string(),
        scope: inventory.scopes[verdict.scope].scope.clone(),
        standing: verdict.standing,
        because: verdict.because.to_string(),
    });
    let chosen = choose(global, args, "snapshots", candidates.collect(), terminal).await?;
    let mut rules = BTreeMap::new();
    let mut changes = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| chosen.contains(verdict.snapshot.id.as_str())) {
        let scope = inventory.scopes[verdict.scope].scope.clone();
        if !rules.contains_key(&scope)
            && let Some(cloud) = session.of(scope.account)
        {
            rules.insert(scope.clone(), read_recovery(cloud, &scope.region).await.snapshots);
        }
        let bin_days = bin_days(rules.get(&scope), &verdict.snapshot.tags);
        let removal = SnapshotRemoval {
            snapshot: verdict.snapshot.clone(),
            because: verdict.because.as_str().into(),
            named: !args.ids.is_empty(),
            bin_days,
        };
        changes.push((scope, bin_days, Change::DeleteSnapshot(Box::new(removal))));
    }
    delete(global, args, ("snapshot", "snapshots"), changes, terminal).await
}

/// Deletes volumes.
pub(super) async fn volumes(
    global: &Global,
    args: &LeftoverArgs,
    session: &Session,
    inventory: &Inventory,
    verdicts: &[VolumeVerdict<'_>],
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let candidates = verdicts.iter().map(|verdict| Candidate {
        id: verdict.volume.id.to_string(),
        scope: inventory.scopes[verdict.scope].scope.clone(),
        standing: verdict.standing,
        because: verdict.because.to_string(),
    });
    let chosen = choose(global, args, "volumes", candidates.collect(), terminal).await?;
    let mut rules = BTreeMap::new();
    let mut changes = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| chosen.contains(verdict.volume.id.as_str())) {
        let scope = inventory.scopes[verdict.scope].scope.clone();
        if !rules.contains_key(&scope)
            && let Some(cloud) = session.of(scope.account)
        {
            rules.insert(scope.clone(), read_volume_rules(cloud, &scope.region).await);
        }
        let bin_days = bin_days(rules.get(&scope), &verdict.volume.tags);
        let id = verdict.volume.id.parse().map_err(|error| Failure::error(format!("{scope}: {error}")))?;
        let removal = VolumeRemoval {
            id,
            volume: verdict.volume.clone(),
            because: verdict.because.as_str().into(),
            named: !args.ids.is_empty(),
            bin_days,
        };
        changes.push((scope, bin_days, Change::DeleteVolume(Box::new(removal))));
    }
    delete(global, args, ("volume", "volumes"), changes, terminal).await
}

type Rules = Result<Vec<amictl_cloud::ops::RetentionRule>, String>;

fn bin_days(rules: Option<&Rules>, tags: &Tags) -> Option<u64> {
    let days = retention_days(rules?.as_ref().ok()?, tags);
    (days > 0).then_some(days)
}

/// The ids of those that go: the orphans, or those that were named and that nothing uses.
async fn choose(
    global: &Global,
    args: &LeftoverArgs,
    kind: &str,
    candidates: Vec<Candidate>,
    terminal: &Terminal,
) -> Result<BTreeSet<String>, Failure> {
    if args.ids.is_empty() {
        let unknown = candidates.iter().filter(|one| one.standing == Leftover::Unknown).count();
        if unknown > 0 {
            terminal.say(&format!("{unknown} {kind} stay, as something that may use them could not be read"));
        }
        let orphans = candidates.into_iter().filter(|one| one.standing == Leftover::Orphan);
        return Ok(orphans.map(|one| one.id).take(args.limit.unwrap_or(usize::MAX)).collect());
    }
    let named: BTreeSet<&String> = args.ids.iter().collect();
    let mut missing: Vec<String> =
        named.iter().filter(|id| candidates.iter().all(|one| one.id != ***id)).map(|id| (**id).clone()).collect();
    let gone = by_runs(global, &missing).await;
    for (id, how) in &gone {
        terminal.note(&format!("{id} is gone already: {how}"));
    }
    missing.retain(|id| !gone.contains_key(id));
    if !missing.is_empty() {
        return Err(Failure::error(format!("{}: no such {kind} of the account there", missing.join(", ")))
            .hint("look in another Region with --region; nothing was changed"));
    }
    let mut refused = 0;
    let mut chosen = BTreeSet::new();
    for one in candidates.into_iter().filter(|one| named.contains(&one.id)) {
        match one.standing {
            Leftover::Orphan | Leftover::Standalone => {
                chosen.insert(one.id);
            }
            standing => {
                refused += 1;
                terminal.say(&format!("{} in {} stays ({}): {}", one.id, one.scope, standing.as_str(), one.because));
            }
        }
    }
    if refused > 0 {
        let why = format!("{refused} of {} {kind} stay, as was said above", refused + chosen.len());
        return Err(Failure::refused(why).hint("leave them out; nothing was changed"));
    }
    Ok(chosen)
}

async fn delete(
    global: &Global,
    args: &LeftoverArgs,
    (one, many): (&str, &str),
    changes: Vec<(Scope, Option<u64>, Change)>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    if changes.is_empty() {
        terminal.note(&format!("there are no {many} to delete"));
    }
    let lost = changes.iter().filter(|(_, days, _)| days.is_none()).count();
    let question = (!changes.is_empty()).then(|| {
        let count = changes.len();
        let what = if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
        let back = match lost {
            0 => "the Recycle Bin keeps all of it for a while".to_owned(),
            lost if lost == count => "nothing of it can come back".to_owned(),
            lost => format!("{lost} of them cannot come back"),
        };
        format!("{what} will be deleted; {back}")
    });
    let images: Vec<Image> = changes.iter().map(|(scope, ..)| unknown_image(scope)).collect();
    let steps = changes.into_iter().zip(&images).map(|((scope, _, change), image)| CommandStep {
        account: scope.account,
        region: scope.region,
        image,
        change,
    });
    carry_out(global, &args.change, Wanted { steps: steps.collect(), question }, terminal).await
}
