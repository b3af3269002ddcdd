//! Waiting alone, without a run: for images and snapshots that somebody else is making.

use std::time::Duration;

use amictl_cloud::{Clock, Clouds};
use amictl_model::Scope;
use futures::future::join_all;

use super::waiting::{Awaited, Waited, Watch, wait};
use crate::context::Halt;
use crate::looker::Looker;
use crate::stop::Stop;

/// What came of waiting for one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitEnd {
    /// It was waited for to the end, or for as long as was allowed.
    Waited(Waited),
    /// Somebody wished to stop.
    Interrupted,
    /// It cannot be looked at, and why.
    Failed(String),
}

/// Waits for all of these side by side, for so long at most, and tells each as it ends.
pub async fn wait_for(
    clouds: &dyn Clouds,
    clock: &Clock,
    stop: &Stop,
    scopes: &[(Scope, Vec<Awaited>)],
    limit: Duration,
    tell: &(dyn Fn(&Scope, &Awaited, &WaitEnd) + Sync),
) -> Vec<(Scope, Awaited, WaitEnd)> {
    let ended = scopes.iter().map(async |(scope, all)| {
        let Some(cloud) = clouds.of(scope.account) else {
            let failed = || WaitEnd::Failed(format!("there are no credentials for account {}", scope.account));
            return all.iter().map(|awaited| (scope.clone(), awaited.clone(), failed())).collect::<Vec<_>>();
        };
        let looker = Looker::new(cloud, &scope.region);
        let watch = Watch { cloud, region: &scope.region, looker: &looker, clock, stop };
        let waiting = join_all(all.iter().map(async |awaited| {
            let end = match wait(&watch, awaited, limit).await {
                Ok(waited) => WaitEnd::Waited(waited),
                Err(Halt::Interrupted) => WaitEnd::Interrupted,
                Err(Halt::Credentials(error)) => WaitEnd::Failed(error.to_string()),
                Err(Halt::Journal(error)) => WaitEnd::Failed(error.to_string()),
                Err(Halt::NoAccount(why) | Halt::TimedOut(why)) => WaitEnd::Failed(why),
            };
            tell(scope, awaited, &end);
            (scope.clone(), awaited.clone(), end)
        }));
        tokio::select! {
            ended = waiting => ended,
            () = looker.drive() => Vec::new(),
        }
    });
    join_all(ended).await.into_iter().flatten().collect()
}
