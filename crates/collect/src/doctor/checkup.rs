//! One account in one Region: every operation tried, every setting read.

use amictl_cloud::ops::{
    DescribeImageReferences, DescribeImageReferencesRequest, DescribeImageUsageReports, DescribeImages,
    DescribeImagesRequest, DescribeLaunchPermissions, DescribeLaunchPermissionsRequest, DescribeSnapshotPermissions,
    DescribeSnapshotPermissionsRequest, DescribeSnapshots, DescribeSnapshotsRequest, GetParameters,
    GetParametersRequest, ListServiceQuotas, ListServiceQuotasRequest, OfImagesRequest,
};
use amictl_cloud::{Call, Clock, Cloud, Need, NeedRow, Task, needs_of};
use amictl_model::{ImageId, Scope, SnapshotId, Source};
use futures::join;

use super::sampler::Sampler;
use super::{NeedHealth, RegionSettings, Tried, settings};
use crate::storage::read_listings;
use crate::{Reader, sweep_references};

/// What to look at.
#[derive(Debug, Clone)]
pub struct CheckupRequest {
    /// The account of the port's credentials, and the Region.
    pub scope: Scope,
    /// Sources that the policy says are not used.
    pub not_used: Vec<Source>,
}

/// How one account and Region stand.
#[derive(Debug, Clone)]
pub struct Checkup {
    /// Where.
    pub scope: Scope,
    /// Every source, and everything else that reading needs.
    pub needs: Vec<NeedHealth>,
    /// The settings.
    pub settings: RegionSettings,
}

impl Checkup {
    /// How a source stands.
    #[must_use]
    pub fn source(&self, source: Source) -> Option<&NeedHealth> {
        self.needs.iter().find(|health| health.need == Need::Source(source))
    }

    /// Whether something is missing without which images stay that would go otherwise.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.needs.iter().any(|health| health.blocks)
    }
}

/// How an account stands over all Regions that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is missing that would keep images from being retired.
    Sound,
    /// Something is missing in some Region that would.
    Blocked,
    /// Images can be read in no Region, so nothing can be done at all.
    Dead,
}

impl Standing {
    /// How these Regions stand together.
    #[must_use]
    pub fn of(checkups: &[Checkup]) -> Self {
        let images_are_ill =
            |checkup: &Checkup| checkup.source(Source::Images).is_none_or(|images| images.health.is_ill());
        if checkups.iter().all(images_are_ill) {
            Self::Dead
        } else if checkups.iter().any(Checkup::is_blocked) {
            Self::Blocked
        } else {
            Self::Sound
        }
    }
}

/// A parameter that nobody has: whether it may be asked for is all that matters.
const NO_PARAMETER: &str = "/amictl/doctor";

/// Tries every operation once. It never fails: what did not work stands in the checkup.
pub async fn check_up(cloud: &dyn Cloud, clock: &Clock, request: CheckupRequest) -> Checkup {
    let CheckupRequest { scope, not_used } = request;
    let (tried, settings) = join!(tried(cloud, clock, &scope, &not_used), settings::read(cloud, &scope.region));
    let needs = needs_of(&[Task::Scan, Task::Storage]).filter_map(|row| health(row, &not_used, &tried)).collect();
    Checkup { scope, needs, settings }
}

fn health(row: &NeedRow, not_used: &[Source], tried: &[Tried]) -> Option<NeedHealth> {
    match row.need {
        // It worked, or there would be no account to look at.
        Need::Session => None,
        Need::Source(source) if not_used.contains(&source) => Some(NeedHealth::not_used(row)),
        _ => Some(NeedHealth::of(row, tried)),
    }
}

/// Runs the sources' own readers over a port that lets one call of each operation through, then tries what they do not call.
async fn tried(cloud: &dyn Cloud, clock: &Clock, scope: &Scope, not_used: &[Source]) -> Vec<Tried> {
    let sampler = Sampler::new(cloud);
    let region = &scope.region;
    let image = first_image(&sampler, scope).await;
    let reader = Reader { cloud: &sampler, scope, clock, concurrency: 1, skip: not_used, observer: &() };
    // Only the outcome of each call matters, and the sampler keeps that.
    let (_, snapshot, ..) = join!(
        sweep_references(reader),
        first_snapshot(&sampler, scope),
        read_listings(reader),
        Call::<DescribeImageUsageReports>::call(&sampler, region, OfImagesRequest::default()),
        Call::<ListServiceQuotas>::call(
            &sampler,
            region,
            ListServiceQuotasRequest { service_code: "ec2".to_owned(), next_token: None }
        ),
    );
    let parameter = GetParametersRequest { names: vec![NO_PARAMETER.to_owned()] };
    let _ = Call::<GetParameters>::call(&sampler, region, parameter).await;
    if let Some(snapshot) = snapshot {
        let permissions = DescribeSnapshotPermissionsRequest { snapshot };
        let _ = Call::<DescribeSnapshotPermissions>::call(&sampler, region, permissions).await;
    }
    if let Some(image) = image {
        let permissions = DescribeLaunchPermissionsRequest { image: image.clone() };
        let references = DescribeImageReferencesRequest { images: vec![image], next_token: None };
        let _ = join!(
            Call::<DescribeLaunchPermissions>::call(&sampler, region, permissions),
            Call::<DescribeImageReferences>::call(&sampler, region, references),
        );
    }
    sampler.into_tried()
}

/// An image of the account, for what needs one.
async fn first_image(sampler: &Sampler<'_>, scope: &Scope) -> Option<ImageId> {
    let reply = Call::<DescribeImages>::call(sampler, &scope.region, DescribeImagesRequest::default()).await.ok()?;
    reply.images.into_iter().find(|image| image.owner == scope.account).map(|image| image.id)
}

/// A snapshot of the account, for what needs one.
async fn first_snapshot(sampler: &Sampler<'_>, scope: &Scope) -> Option<SnapshotId> {
    let request = DescribeSnapshotsRequest::default();
    let reply = Call::<DescribeSnapshots>::call(sampler, &scope.region, request).await.ok()?;
    reply.snapshots.into_iter().find(|snapshot| snapshot.owner == scope.account).map(|snapshot| snapshot.id)
}
