//! Launch permissions, one image a call, so only of the images whose verdict depends on them.

use std::sync::atomic::{AtomicU32, Ordering};

use amictl_cloud::ops::{DescribeLaunchPermissions, DescribeLaunchPermissionsRequest};
use amictl_cloud::{Call, Clock, Cloud, CloudError, Clouds, ErrorClass};
use amictl_model::{
    Coverage, CoverageStatus, ImageId, Inventory, LaunchPermissions, Moment, Region, ScopeInventory, Source,
};
use futures::stream::{self, FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;

use crate::reader::status_of;
use crate::{ImageRequest, Observer, ScanEvent};

/// After so many denials in a row the rest of a Region is not asked for.
const DENIALS_MAX: u32 = 3;

/// Reads the launch permissions of these images into the inventory, all Regions side by side with `concurrency` calls in
/// flight in all, and enters the coverage of each scope that was asked.
pub async fn read_launch_permissions(
    clouds: &dyn Clouds,
    clock: &Clock,
    inventory: &mut Inventory,
    requests: &[ImageRequest],
    concurrency: usize,
    observer: &dyn Observer,
) {
    let in_flight = Semaphore::new(concurrency.max(1));
    let asked = requests.iter().filter(|request| !request.images.is_empty()).filter_map(|request| {
        let scope = inventory.scopes.get(request.scope)?;
        let id_of = |at: &usize| scope.images.get(*at).map(|image| (*at, image.id.clone()));
        let wanted: Vec<(usize, ImageId)> = request.images.iter().filter_map(id_of).collect();
        Some((request.scope, scope.scope.clone(), wanted))
    });
    let reading: Vec<_> = asked
        .map(|(at, scope, wanted)| {
            let in_flight = &in_flight;
            async move {
                observer.observe(ScanEvent::Started { scope: scope.clone(), source: Source::LaunchPermissions });
                let read_at = clock.now();
                let answers = match clouds.of(scope.account) {
                    Some(cloud) => ask(cloud, &scope.region, wanted, in_flight, concurrency).await,
                    None => wanted.into_iter().map(|(at, _)| (at, None)).collect(),
                };
                (at, scope, read_at, answers)
            }
        })
        .collect();
    let mut reading: FuturesUnordered<_> = reading.into_iter().collect();
    while let Some((at, scope, read_at, answers)) = reading.next().await {
        let Some(inventory) = inventory.scopes.get_mut(at) else { continue };
        let coverage = enter(inventory, answers, read_at);
        observer.observe(ScanEvent::Finished { scope, coverage });
    }
}

/// What an image was answered; `None` when it was not asked for any more.
type Answer = Option<Result<LaunchPermissions, CloudError>>;

/// Asks for each of these images of a Region.
async fn ask(
    cloud: &dyn Cloud,
    region: &Region,
    wanted: Vec<(usize, ImageId)>,
    in_flight: &Semaphore,
    concurrency: usize,
) -> Vec<(usize, Answer)> {
    let denials = AtomicU32::new(0);
    stream::iter(wanted)
        .map(|(at, image)| {
            let denials = &denials;
            async move {
                // The semaphore is never closed.
                let _permit = in_flight.acquire().await;
                if denials.load(Ordering::Relaxed) >= DENIALS_MAX {
                    return (at, None);
                }
                let request = DescribeLaunchPermissionsRequest { image };
                let answer = Call::<DescribeLaunchPermissions>::call(cloud, region, request).await;
                match &answer {
                    Err(error) if error.class == ErrorClass::Denied => denials.fetch_add(1, Ordering::Relaxed),
                    _ => denials.swap(0, Ordering::Relaxed),
                };
                (at, Some(answer.map(LaunchPermissions::read)))
            }
        })
        .buffer_unordered(concurrency.max(1))
        .collect()
        .await
}

/// Enters the answers of one account and Region, and its coverage.
fn enter(inventory: &mut ScopeInventory, answers: Vec<(usize, Answer)>, read_at: Moment) -> Coverage {
    let items = answers.len() as u64;
    let mut calls = 0;
    let mut failure: Option<(CoverageStatus, String)> = None;
    for (at, answer) in answers {
        calls += u64::from(answer.is_some());
        inventory.images[at].launch_permissions = match answer {
            Some(Ok(permissions)) => permissions,
            Some(Err(error)) => {
                failure.get_or_insert_with(|| (status_of(&error), error.to_string()));
                LaunchPermissions::Unreadable(error.to_string().into())
            }
            None => LaunchPermissions::Unreadable("not asked for after several denials".into()),
        };
    }
    let (status, detail) = failure.unwrap_or((CoverageStatus::Complete, String::new()));
    let coverage = Coverage { source: Source::LaunchPermissions, status, detail: detail.into(), items, calls, read_at };
    inventory.cover(coverage.clone());
    coverage
}
