//! `amictl wait`.

use amictl_apply::{Awaited, Stop, WaitEnd, Waited, wait_for};
use amictl_cloud::ops::{DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_cloud::{Clouds, for_each_page};
use amictl_model::{Scope, SnapshotId};

use super::targets;
use crate::args::{Global, WaitArgs};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::session::Session;
use crate::signals::stop_on_signal;

/// Waits until images and snapshots can be used; changes nothing.
pub(crate) async fn wait(global: &Global, args: &WaitArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut wanted = args.ids.clone();
    wanted.sort();
    wanted.dedup();
    let session = Session::open(global, terminal).await?;
    let places = place(&session, wanted, terminal).await?;
    let stop = Stop::default();
    stop_on_signal(stop.clone(), terminal.quiet);
    let tell = |scope: &Scope, awaited: &Awaited, end: &WaitEnd| {
        let text = match end {
            WaitEnd::Waited(Waited::Ready) => "ready".to_owned(),
            WaitEnd::Waited(Waited::Bad { state, why }) => format!("{state}: {why}"),
            WaitEnd::Waited(Waited::TimedOut(last)) => format!("timed out: {last}"),
            WaitEnd::Failed(why) => why.clone(),
            WaitEnd::Interrupted => return,
        };
        terminal.note(&format!("wait {} in {}: {text}", id(awaited), scope.region));
    };
    let ends = wait_for(&session, &wall_clock(), &stop, &places, args.timeout, &tell).await;
    terminal.report(|out, output| amictl_report::wait(out, &ends, output))?;
    let count = |is: fn(&WaitEnd) -> bool| ends.iter().filter(|(_, _, end)| is(end)).count();
    let ready = count(|end| matches!(end, WaitEnd::Waited(Waited::Ready)));
    let bad = count(|end| matches!(end, WaitEnd::Waited(Waited::Bad { .. }) | WaitEnd::Failed(_)));
    Ok(match () {
        () if ready == ends.len() => Exit::Done,
        () if stop.is_requested() => Exit::Interrupted,
        () if bad == ends.len() => Exit::Error,
        () if bad > 0 => Exit::Partial,
        () => {
            let words = ["wait"].into_iter().chain(ends.iter().map(|(_, awaited, _)| id(awaited)));
            terminal.note(&format!("timed out: `{}` goes on waiting", next::command(global, words)));
            Exit::TimedOut
        }
    })
}

fn id(awaited: &Awaited) -> &str {
    match awaited {
        Awaited::Image(id) => id.as_str(),
        Awaited::Snapshot(id) => id.as_str(),
    }
}

/// Where each is. What is not seen yet may be anywhere; so it is waited for only where there is one place to wait.
async fn place(
    session: &Session,
    wanted: Vec<Awaited>,
    terminal: &Terminal,
) -> Result<Vec<(Scope, Vec<Awaited>)>, Failure> {
    let scopes = session.scopes();
    if let [scope] = &scopes[..] {
        return Ok(vec![(scope.clone(), wanted)]);
    }
    let (mut images, mut snapshots) = (Vec::new(), Vec::new());
    for awaited in wanted {
        match awaited {
            Awaited::Image(id) => images.push(id),
            Awaited::Snapshot(id) => snapshots.push(id),
        }
    }
    let mut found: Vec<(Scope, Awaited)> = Vec::new();
    if !images.is_empty() {
        let targets = targets::find(session, &images, false, terminal).await?;
        found.extend(targets.into_iter().map(|target| (target.scope, Awaited::Image(target.image.id))));
    }
    found.extend(place_snapshots(session, &scopes, &snapshots, terminal).await?);
    let mut places: Vec<(Scope, Vec<Awaited>)> = Vec::new();
    for (scope, awaited) in found {
        match places.iter_mut().find(|(place, _)| *place == scope) {
            Some((_, all)) => all.push(awaited),
            None => places.push((scope, vec![awaited])),
        }
    }
    Ok(places)
}

async fn place_snapshots(
    session: &Session,
    scopes: &[Scope],
    wanted: &[SnapshotId],
    terminal: &Terminal,
) -> Result<Vec<(Scope, Awaited)>, Failure> {
    let mut found = Vec::new();
    for scope in scopes.iter().filter(|_| !wanted.is_empty()) {
        let Some(cloud) = session.of(scope.account) else { continue };
        for ids in wanted.chunks(targets::IDS_PER_CALL_MAX) {
            let request = DescribeSnapshotsRequest { snapshots: ids.to_vec(), ..DescribeSnapshotsRequest::default() };
            let (_, result) = for_each_page::<DescribeSnapshots>(cloud, &scope.region, request, |page| {
                let snapshots = page.snapshots.into_iter();
                found.extend(snapshots.map(|snapshot| (scope.clone(), Awaited::Snapshot(snapshot.id))));
            })
            .await;
            if let Err(error) = result {
                terminal.note(&format!("{scope}: {error}"));
            }
        }
    }
    let is_found = |id: &SnapshotId| found.iter().any(|(_, awaited)| *awaited == Awaited::Snapshot(id.clone()));
    let missing: Vec<String> = wanted.iter().filter(|id| !is_found(id)).map(ToString::to_string).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let places: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    Err(Failure::error(format!("{}: no such snapshot of the account in {}", missing.join(", "), places.join(", ")))
        .hint("name its Region alone with --region to wait until it is seen"))
}
