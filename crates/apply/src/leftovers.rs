//! What the snapshots and volumes of a Region are by now: read anew before they are deleted, and again when that is some minutes ago.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use amictl_cloud::{Clock, Clouds};
use amictl_collect::{ScanRequest, SnapshotRequest, read_snapshot_permissions, read_storage, scan};
use amictl_model::{Scope, SnapshotId, Source, VolumeId};
use amictl_policy::{Leftover, Policy, judge_snapshots, judge_volumes};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// What was seen holds for so long: deleting many takes minutes.
const HOLDS_FOR: Duration = Duration::from_secs(300);

/// The snapshots and volumes of one account and Region.
pub(crate) struct Leftovers<'a> {
    pub(crate) clouds: &'a dyn Clouds,
    pub(crate) clock: &'a Clock,
    pub(crate) scope: Scope,
    pub(crate) concurrency: usize,
    pub(crate) skip: Vec<Source>,
    /// The snapshots that are to go: who else may use them takes a call each.
    pub(crate) snapshots: Vec<SnapshotId>,
    pub(crate) seen: Mutex<Option<(Instant, Arc<Seen>)>>,
}

/// What each of them was seen to be, and why.
#[derive(Default)]
pub(crate) struct Seen {
    snapshots: HashMap<SnapshotId, (Leftover, String)>,
    volumes: HashMap<String, (Leftover, String)>,
}

impl Leftovers<'_> {
    /// Why this snapshot must not go; `None` where nothing speaks for it.
    pub(crate) async fn keeps_snapshot(&self, id: &SnapshotId, is_named: bool) -> Option<String> {
        keeps(self.look().await.snapshots.get(id), is_named)
    }

    /// The same of a volume.
    pub(crate) async fn keeps_volume(&self, id: &VolumeId, is_named: bool) -> Option<String> {
        keeps(self.look().await.volumes.get(id.as_str()), is_named)
    }

    async fn look(&self) -> Arc<Seen> {
        let mut seen = self.seen.lock().await;
        if let Some((at, seen)) = seen.as_ref().filter(|(at, _)| at.elapsed() < HOLDS_FOR) {
            tracing::debug!(age = ?at.elapsed(), "snapshots and volumes were judged a while ago");
            return Arc::clone(seen);
        }
        let began = Instant::now();
        let read = Arc::new(self.read().await);
        *seen = Some((began, Arc::clone(&read)));
        read
    }

    async fn read(&self) -> Seen {
        let Self { clouds, clock, concurrency, .. } = *self;
        let request = ScanRequest {
            id: String::new(),
            scopes: vec![self.scope.clone()],
            unreachable: Vec::new(),
            concurrency,
            skip: self.skip.clone(),
        };
        let mut inventory = scan(clouds, clock, request, &()).await;
        read_storage(clouds, clock, &mut inventory, concurrency, &()).await;
        let requests = vec![SnapshotRequest { scope: 0, snapshots: self.snapshots.clone() }];
        read_snapshot_permissions(clouds, clock, &mut inventory, requests, concurrency, &()).await;
        // What a policy protects by tags was judged for the plan, and tags that changed since end the step.
        let (policy, now) = (Policy::built_in(), clock.now());
        let snapshots = judge_snapshots(&policy, &inventory, now).into_iter();
        let volumes = judge_volumes(&policy, &inventory, now).into_iter();
        Seen {
            snapshots: snapshots
                .map(|one| (one.snapshot.id.clone(), (one.standing, one.because.to_string())))
                .collect(),
            volumes: volumes.map(|one| (one.volume.id.to_string(), (one.standing, one.because.to_string()))).collect(),
        }
    }
}

fn keeps(seen: Option<&(Leftover, String)>, is_named: bool) -> Option<String> {
    match seen {
        Some((Leftover::Orphan, _)) => None,
        Some((Leftover::Standalone, _)) if is_named => None,
        Some((standing, because)) => Some(format!("{}: {because}", standing.as_str())),
        None => Some("it was not seen among those of its Region".to_owned()),
    }
}
