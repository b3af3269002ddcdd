//! `amictl copy`.

use std::collections::BTreeMap;

use amictl_cloud::ops::{DescribeRegions, DescribeRegionsRequest};
use amictl_cloud::{Call, ErrorClass};
use amictl_model::{Image, ImageState, Region};
use amictl_plan::{Change, CommandStep, Copying, Then};

use super::carry_out::{Wanted, carry_out};
use super::change::in_time;
use super::share::is_everybody;
use super::targets::{Target, find};
use crate::args::{CopyArgs, Global, TargetArgs, ThenArgs};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// Copies images into other Regions.
pub(crate) async fn copy(global: &Global, args: &CopyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let then = then(&args.then)?;
    let keys = keys(args)?;
    let session = Session::open(global, terminal).await?;
    let ids = TargetArgs { images: args.images.clone(), from_file: None }.resolved(&session).await?;
    if args.name.is_some() && ids.len() > 1 {
        return Err(Failure::usage("--name: several images cannot be copied by one name"));
    }
    let targets = find(&session, &ids, false, terminal).await?;
    for Target { image, .. } in &targets {
        require_copyable(image)?;
    }
    let mut regions = args.to_region.clone();
    regions.sort();
    regions.dedup();
    check_enabled(&session, &regions, terminal).await?;
    let copying = |target: &Target, region: &Region| Copying {
        from: target.scope.region.clone(),
        name: args.name.as_deref().unwrap_or(&target.image.name).into(),
        description: args.description.as_deref().or(target.image.description.as_deref()).map(Into::into),
        encrypted: args.encrypted,
        kms_key: keys.get(region).map(|key| (*key).into()),
        copy_tags: args.copy_tags,
        client_token: Box::default(),
        then: then.clone(),
    };
    let steps = targets.iter().flat_map(|target| {
        regions.iter().map(|region| CommandStep {
            account: target.scope.account,
            region: region.clone(),
            image: &target.image,
            change: Change::Copy(copying(target, region)),
        })
    });
    let wanted = Wanted { steps: steps.collect(), question: None };
    carry_out(global, &args.change, wanted, terminal).await
}

/// What becomes of an image that is made.
pub(super) fn then(args: &ThenArgs) -> Result<Then, Failure> {
    if args.share_with.iter().any(is_everybody) {
        return Err(Failure::usage("--share-with: an image that is new is not made public")
            .hint("`amictl share --public` does that, and looks first whether it is blocked"));
    }
    let mut share_with = args.share_with.clone();
    share_with.sort();
    share_with.dedup();
    let mut then = Then {
        tags: args.tag.iter().cloned().collect(),
        wait_seconds: 0,
        share_with,
        deprecate_at: args.deprecate_after.map(|after| in_time(wall_clock().now(), after)),
        protect: args.protect,
    };
    if args.wait || then.changes_it() {
        then.wait_seconds = args.timeout.as_secs().max(1);
    }
    Ok(then)
}

fn keys(args: &CopyArgs) -> Result<BTreeMap<&Region, &str>, Failure> {
    let mut keys = BTreeMap::new();
    for (region, key) in &args.kms_key {
        if !args.to_region.contains(region) {
            return Err(Failure::usage(format!("--kms-key: {region} is not among the Regions to copy to")));
        }
        if keys.insert(region, key.as_str()).is_some() {
            return Err(Failure::usage(format!("--kms-key: {region} has two keys")));
        }
    }
    Ok(keys)
}

fn require_copyable(image: &Image) -> Result<(), Failure> {
    if image.state == ImageState::Available {
        return Ok(());
    }
    let (id, state) = (&image.id, image.state.as_str());
    Err(Failure::error(format!("{id} is {state}: only an available image can be copied")).hint("nothing was changed"))
}

/// Refuses Regions that the account cannot use, before anything is done in the others.
async fn check_enabled(session: &Session, regions: &[Region], terminal: &Terminal) -> Result<(), Failure> {
    let Some(home) = session.regions.first() else { return Ok(()) };
    let known = match Call::<DescribeRegions>::call(&*session.cloud, home, DescribeRegionsRequest {}).await {
        Ok(known) => known,
        Err(error) if error.class == ErrorClass::Denied => {
            terminal.note(&format!("Regions were not checked: {error}"));
            return Ok(());
        }
        Err(error) => return Err(of_cloud(&error, home, None)),
    };
    let is_enabled = |region: &&Region| known.iter().any(|status| status.region == **region && status.enabled);
    match regions.iter().find(|region| !is_enabled(region)) {
        None => Ok(()),
        Some(region) => Err(Failure::usage(format!("--to-region: {region} is not enabled for this account"))
            .hint("`aws ec2 describe-regions --all-regions` lists them; nothing was changed")),
    }
}
