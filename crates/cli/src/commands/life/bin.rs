//! `amictl bin`: what is in the Recycle Bin, and taking it out.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::ops::{AllRequest, ListImagesInRecycleBin, ListSnapshotsInRecycleBin, ListVolumesInRecycleBin};
use amictl_cloud::{Cloud, Clouds, PageError, for_each_page};
use amictl_model::{BinnedImage, BinnedSnapshot, BinnedVolume, Image, ImageId, Moment, Scope, SnapshotId};
use amictl_plan::{Change, CommandStep, Restoring, Target};
use amictl_policy::Origin;
use amictl_report::{BinList, BinRow};

use super::carry_out::{Wanted, carry_out};
use super::create::unknown_image;
use crate::args::{BinArgs, BinCommand, BinRestoreArgs, Global};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;
use crate::state;

/// Lists the bin, or takes something out of it.
pub(crate) async fn bin(global: &Global, args: &BinArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        BinCommand::List => list(global, terminal).await,
        BinCommand::Restore(args) => restore(global, args, terminal).await,
    }
}

/// The bin of one account and Region.
#[derive(Default)]
struct Bin {
    images: Vec<BinnedImage>,
    snapshots: Vec<BinnedSnapshot>,
    volumes: Vec<BinnedVolume>,
    /// What could not be read.
    unread: Vec<String>,
}

async fn read(cloud: &dyn Cloud, scope: &Scope) -> Bin {
    let mut bin = Bin::default();
    let all = || AllRequest { next_token: None };
    let region = &scope.region;
    let (images, snapshots, volumes) = futures::join!(
        for_each_page::<ListImagesInRecycleBin>(cloud, region, all(), |page| bin.images.extend(page.images)),
        for_each_page::<ListSnapshotsInRecycleBin>(cloud, region, all(), |page| bin.snapshots.extend(page.snapshots)),
        for_each_page::<ListVolumesInRecycleBin>(cloud, region, all(), |page| bin.volumes.extend(page.volumes)),
    );
    let failed: Vec<PageError> = [images.1.err(), snapshots.1.err(), volumes.1.err()].into_iter().flatten().collect();
    bin.unread = failed.iter().map(|error| format!("{scope}: {error}")).collect();
    bin
}

async fn read_all(session: &Session) -> BTreeMap<Scope, Bin> {
    let mut bins = BTreeMap::new();
    for scope in session.scopes() {
        if let Some(cloud) = session.of(scope.account) {
            let bin = read(cloud, &scope).await;
            bins.insert(scope, bin);
        }
    }
    bins
}

async fn list(global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let bins = read_all(&session).await;
    let mut rows = Vec::new();
    for (scope, bin) in &bins {
        let row = |kind, id: &str| BinRow {
            kind,
            id: id.to_owned(),
            account: scope.account,
            region: scope.region.clone(),
            name: String::new(),
            image: None,
            entered_at: None,
            leaves_at: None,
        };
        rows.extend(bin.images.iter().map(|image| BinRow {
            name: image.name.to_string(),
            entered_at: image.entered_at,
            leaves_at: image.leaves_at,
            ..row("image", image.id.as_str())
        }));
        rows.extend(bin.snapshots.iter().map(|snapshot| {
            let description = snapshot.description.as_deref().unwrap_or_default();
            BinRow {
                name: description.to_owned(),
                image: Origin::of(description).map(|origin| origin.image),
                leaves_at: snapshot.leaves_at,
                ..row("snapshot", snapshot.id.as_str())
            }
        }));
        rows.extend(bin.volumes.iter().map(|volume| BinRow {
            name: volume.snapshot.as_ref().map(|id| format!("made from {id}")).unwrap_or_default(),
            entered_at: volume.entered_at,
            leaves_at: volume.leaves_at,
            ..row("volume", volume.id.as_str())
        }));
    }
    terminal.report(|out, output| amictl_report::bin(out, &BinList { rows }, output))?;
    let unread: Vec<&String> = bins.values().flat_map(|bin| &bin.unread).collect();
    for why in &unread {
        terminal.say(&format!("not read whole: {why}"));
    }
    Ok(if unread.is_empty() { Exit::Done } else { Exit::Partial })
}

async fn restore(global: &Global, args: &BinRestoreArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let bins = read_all(&session).await;
    let recorded = recorded(global, &args.ids).await;
    let wanted: BTreeSet<&Target> = args.ids.iter().collect();
    let mut steps: Vec<(Scope, Image, Target, Restoring)> = Vec::new();
    let mut missing = Vec::new();
    // What comes with an image needs no step of its own.
    let mut with_images: BTreeSet<SnapshotId> = BTreeSet::new();
    for target in &wanted {
        let Target::Image(id) = target else { continue };
        let Some((scope, image, bin)) = bins
            .iter()
            .find_map(|(scope, bin)| bin.images.iter().find(|image| image.id == *id).map(|image| (scope, image, bin)))
        else {
            missing.push(target.to_string());
            continue;
        };
        let named = wanted.iter().filter_map(|target| match target {
            Target::Snapshot(id) => Some(id.clone()),
            _ => None,
        });
        let snapshots = snapshots_of(id, bin, recorded.get(id).map(|(_, image)| image), named);
        let until = snapshots
            .iter()
            .filter_map(|id| bin.snapshots.iter().find(|snapshot| snapshot.id == *id)?.leaves_at)
            .chain(image.leaves_at)
            .min();
        if let Some((run, _)) = recorded.get(id) {
            terminal.note(&format!(
                "run {run} deregistered {id}: `amictl undo {run}` would give its launch permissions back too"
            ));
        }
        if snapshots.is_empty() {
            terminal
                .note(&format!("which snapshots {id} has is not known: name them beside it if it cannot be restored"));
        }
        tell(terminal, target, until);
        with_images.extend(snapshots.iter().cloned());
        let image = Image { id: id.clone(), name: (&*image.name).into(), ..unknown_image(scope) };
        steps.push((scope.clone(), image, (*target).clone(), Restoring { snapshots, until }));
    }
    for target in &wanted {
        let found = match target {
            Target::Image(_) => continue,
            Target::Snapshot(id) if with_images.contains(id) => continue,
            Target::Snapshot(id) => bins.iter().find_map(|(scope, bin)| {
                bin.snapshots.iter().find(|one| one.id == *id).map(|one| (scope, one.leaves_at))
            }),
            Target::Volume(id) => bins.iter().find_map(|(scope, bin)| {
                bin.volumes.iter().find(|one| one.id == *id).map(|one| (scope, one.leaves_at))
            }),
            Target::Instance(_) | Target::S3(_) | Target::File(_) => None,
        };
        match found {
            Some((scope, until)) => {
                tell(terminal, target, until);
                let restoring = Restoring { snapshots: Vec::new(), until };
                steps.push((scope.clone(), unknown_image(scope), (*target).clone(), restoring));
            }
            None => missing.push(target.to_string()),
        }
    }
    if !missing.is_empty() {
        is_there_already(&session, &mut missing, terminal).await;
    }
    if !missing.is_empty() {
        let unread = bins.values().flat_map(|bin| &bin.unread).cloned().collect::<Vec<_>>().join("; ");
        let why = if unread.is_empty() { String::new() } else { format!(" ({unread})") };
        return Err(Failure::error(format!("{}: not in the Recycle Bin{why}", missing.join(", ")))
            .hint("`amictl bin list --region all` lists what is; nothing was changed"));
    }
    let steps = steps.iter().map(|(scope, image, target, restoring)| CommandStep {
        account: scope.account,
        region: scope.region.clone(),
        image,
        change: Change::Restore(Box::new(target.clone()), restoring.clone()),
    });
    carry_out(global, &args.change, Wanted { steps: steps.collect(), question: None }, terminal).await
}

fn tell(terminal: &Terminal, target: &Target, until: Option<Moment>) {
    let until = until.map_or_else(|| "AWS does not say until when".to_owned(), |until| format!("until {until}"));
    terminal.note(&format!("{target} can be restored, {until}"));
}

/// The snapshots that an image in the bin needs: of its record, by their descriptions, and those that were named beside it.
fn snapshots_of(
    id: &ImageId,
    bin: &Bin,
    recorded: Option<&Image>,
    named: impl Iterator<Item = SnapshotId>,
) -> Vec<SnapshotId> {
    let of_record = recorded.into_iter().flat_map(|image| image.snapshots().cloned());
    let is_its = |one: &&BinnedSnapshot| {
        let origin = one.description.as_deref().and_then(Origin::of);
        origin.is_some_and(|origin| origin.image == *id)
    };
    let described = bin.snapshots.iter().filter(is_its).map(|one| one.id.clone());
    let here = named.filter(|named| bin.snapshots.iter().any(|one| one.id == *named));
    let all: BTreeSet<SnapshotId> = of_record.chain(described).chain(here).collect();
    all.into_iter().collect()
}

/// The images that runs in the state recorded before they deregistered them, with the newest of these runs.
async fn recorded(global: &Global, ids: &[Target]) -> BTreeMap<ImageId, (String, Image)> {
    let mut found = BTreeMap::new();
    if !ids.iter().any(|id| id.image().is_some()) {
        return found;
    }
    let Ok(state) = state::open(global).await else { return found };
    for run_id in state.run_ids().await.unwrap_or_default().into_iter().rev() {
        // A run that cannot be read says nothing.
        let Ok(run) = state.load_run(&run_id).await else { continue };
        for step in run.plan.steps.iter().filter(|step| ids.contains(&step.target)) {
            let state = run.replay.steps.get(step.id.as_str());
            let is_done = state.is_some_and(|state| state.is_done(&amictl_apply::JournalCall::Deregister));
            if let Some(image) = state.and_then(|state| state.recorded.as_deref()).filter(|_| is_done) {
                found.entry(image.id.clone()).or_insert_with(|| (run_id.clone(), image.clone()));
            }
        }
    }
    found
}

/// Takes those out that are there: they were restored before.
async fn is_there_already(session: &Session, missing: &mut Vec<String>, terminal: &Terminal) {
    let mut there: BTreeSet<String> = BTreeSet::new();
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        there.extend(super::there::of(cloud, &scope, missing).await);
    }
    for id in &there {
        terminal.note(&format!("{id} is there already"));
    }
    missing.retain(|id| !there.contains(id));
}
