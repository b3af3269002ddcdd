//! `amictl copy`.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::ops::{DescribeRegions, DescribeRegionsRequest};
use amictl_cloud::{Call, ErrorClass};
use amictl_model::{AccountId, Grantee, Image, ImageState, Region};
use amictl_plan::{Change, CommandStep, Copying, Sharing, Then};

use super::carry_out::{Wanted, carry_out};
use super::change::{in_time, step_of};
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
    let keys = keys(&args.to_region, &args.kms_key)?;
    let ids = TargetArgs { images: args.images.clone(), from_file: None }.ids()?;
    if args.name.is_some() && ids.len() > 1 {
        return Err(Failure::usage("--name: several images cannot be copied by one name"));
    }
    if !args.to_account.is_empty() && global.accounts.assume_role.is_none() {
        return Err(Failure::usage("--to-account: what leads into those accounts?")
            .hint("--assume-role names the role to assume in each"));
    }
    let session = Session::open(global, terminal).await?;
    let targets = find(&session, &ids, !args.to_account.is_empty(), terminal).await?;
    for Target { image, .. } in &targets {
        require_copyable(image)?;
    }
    let regions = enabled(&session, &args.to_region, terminal).await?;
    let mut steps = Vec::new();
    for target in &targets {
        let owner = target.scope.account;
        let accounts: BTreeSet<AccountId> = args.to_account.iter().copied().collect();
        let others: Vec<Grantee> =
            accounts.iter().filter(|account| **account != owner).copied().map(Grantee::Account).collect();
        if !others.is_empty() {
            let sharing = Sharing { add: others, snapshots: true, ..Sharing::default() };
            steps.push(step_of(target, Change::Share(sharing)));
        }
        let here = BTreeSet::from([target.scope.region.clone()]);
        let regions = if regions.is_empty() { &here } else { &regions };
        for account in if accounts.is_empty() { BTreeSet::from([owner]) } else { accounts } {
            let copying = |region: &Region| Copying {
                of_step: None,
                from: target.scope.region.clone(),
                name: args.name.as_deref().unwrap_or(&target.image.name).into(),
                description: args.description.as_deref().or(target.image.description.as_deref()).map(Into::into),
                encrypted: args.encrypted,
                kms_key: keys.get(region).map(|key| (*key).into()),
                within_minutes: args.complete_within,
                copy_tags: args.copy_tags,
                client_token: Box::default(),
                then: then.clone(),
            };
            // With no Region named, there is nothing to copy for the owner.
            let is_there =
                |region: &Region| args.to_region.is_empty() && account == owner && *region == target.scope.region;
            steps.extend(regions.iter().filter(|region| !is_there(region)).map(|region| CommandStep {
                account,
                region: region.clone(),
                image: &target.image,
                change: Change::Copy(copying(region)),
            }));
        }
    }
    carry_out(global, &args.change, Wanted { steps, question: None }, terminal).await
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

/// The key of each Region that has one.
pub(super) fn keys<'a>(
    regions: &[Region],
    named: &'a [(Region, String)],
) -> Result<BTreeMap<&'a Region, &'a str>, Failure> {
    let mut keys = BTreeMap::new();
    for (region, key) in named {
        if !regions.contains(region) {
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

/// The Regions to copy to, each once. Those that the account cannot use are refused before anything is done in the others.
pub(super) async fn enabled(
    session: &Session,
    named: &[Region],
    terminal: &Terminal,
) -> Result<BTreeSet<Region>, Failure> {
    let regions: BTreeSet<Region> = named.iter().cloned().collect();
    let Some(home) = session.regions.first().filter(|_| !regions.is_empty()) else { return Ok(regions) };
    let known = match Call::<DescribeRegions>::call(&*session.cloud, home, DescribeRegionsRequest {}).await {
        Ok(known) => known,
        Err(error) if error.class == ErrorClass::Denied => {
            terminal.note(&format!("Regions were not checked: {error}"));
            return Ok(regions);
        }
        Err(error) => return Err(of_cloud(&error, home, None)),
    };
    let is_enabled = |region: &&Region| known.iter().any(|status| status.region == **region && status.enabled);
    match regions.iter().find(|region| !is_enabled(region)) {
        None => Ok(regions),
        Some(region) => Err(Failure::usage(format!("{region} is not enabled for this account"))
            .hint("`aws ec2 describe-regions --all-regions` lists them; nothing was changed")),
    }
}
