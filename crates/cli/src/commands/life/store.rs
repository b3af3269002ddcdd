//! `amictl store` and `amictl restore-from-s3`.

use amictl_cloud::ops::{GetBucketLocation, GetBucketLocationRequest};
use amictl_cloud::{Call, Clouds};
use amictl_model::{AccountId, ImageState, Region, RootDeviceType};
use amictl_plan::{Added, Change, CommandInput, S3Restoring, Storing, add_steps, build_command};

use super::carry_out::{Wanted, carry_out, carry_out_built};
use super::change::step_of;
use super::copy::then;
use super::targets::find;
use crate::args::{Global, RestoreFromS3Args, StoreArgs};
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// Stores images as objects in S3.
pub(crate) async fn store(global: &Global, args: &StoreArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let ids = args.targets.ids()?;
    let session = Session::open(global, terminal).await?;
    let targets = find(&session, &ids, false, terminal).await?;
    for target in &targets {
        let (id, image) = (&target.image.id, &target.image);
        let why = match (image.root_device_type, image.state) {
            (RootDeviceType::InstanceStore, _) => "it is made of a bundle in S3 already".to_owned(),
            (_, ImageState::Available) => {
                require_region(&session, &args.bucket, target.scope.account, &target.scope.region).await?;
                continue;
            }
            (_, state) => format!("it is {}", state.as_str()),
        };
        return Err(Failure::error(format!("{id} cannot be stored: {why}"))
            .hint("EC2 stores EBS-backed images that are available; nothing was changed"));
    }
    let wait_seconds = if args.wait { args.timeout.as_secs().max(1) } else { 0 };
    let change = Change::Store(Storing { bucket: args.bucket.as_str().into(), wait_seconds });
    let steps = targets.iter().map(|target| step_of(target, change.clone())).collect();
    carry_out(global, &args.change, Wanted { steps, question: None }, terminal).await
}

/// Makes an image of a stored one.
pub(crate) async fn restore_from_s3(
    global: &Global,
    args: &RestoreFromS3Args,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let then = then(&args.then)?;
    let session = Session::open(global, terminal).await?;
    let home = session.regions.first().ok_or_else(|| Failure::usage("no Region is named"))?;
    // An image is made where its object is.
    let region = region_of(&session, &args.object.bucket, session.account, home).await?;
    let restoring = S3Restoring {
        bucket: args.object.bucket.as_str().into(),
        key: args.object.key.as_str().into(),
        name: args.name.as_str().into(),
        then,
    };
    let clock = wall_clock();
    let nothing = CommandInput { steps: Vec::new(), created_at: clock.now(), plan_id: new_id(&clock) };
    let mut plan = build_command(nothing);
    let change = Change::RestoreFromS3(restoring);
    add_steps(&mut plan, [Added { account: session.account, region, change, after: Vec::new() }]);
    carry_out_built(global, &args.change, &plan, None, terminal).await
}

/// EC2 stores an image in a bucket of its own Region only, and reads a disk in one.
pub(super) async fn require_region(
    session: &Session,
    bucket: &str,
    account: AccountId,
    region: &Region,
) -> Result<(), Failure> {
    let found = region_of(session, bucket, account, region).await?;
    if found == *region {
        return Ok(());
    }
    Err(Failure::error(format!("bucket {bucket} is in {found}, and {region} needs one of its own"))
        .hint("nothing was changed"))
}

pub(super) async fn region_of(
    session: &Session,
    bucket: &str,
    account: AccountId,
    home: &Region,
) -> Result<Region, Failure> {
    let Some(cloud) = session.of(account) else {
        return Err(Failure::error(format!("there are no credentials for account {account}")));
    };
    let request = GetBucketLocationRequest { bucket: bucket.to_owned() };
    Call::<GetBucketLocation>::call(cloud, home, request).await.map_err(|error| of_cloud(&error, home, None))
}
