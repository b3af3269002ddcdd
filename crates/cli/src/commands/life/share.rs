//! `amictl share` and `amictl unshare`.

use std::collections::BTreeSet;

use amictl_cloud::ops::{
    DescribeSnapshotPermissions, DescribeSnapshotPermissionsRequest, GetImageBlockPublicAccessState,
    GetImageBlockPublicAccessStateRequest,
};
use amictl_cloud::{Call, Clouds, ErrorClass};
use amictl_model::{Grantee, Scope};
use amictl_plan::{Change, Sharing};

use super::carry_out::{Wanted, carry_out};
use super::change::step_of;
use super::targets::{Target, find};
use crate::args::{Global, ShareArgs, UnshareArgs};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// Lets others launch images.
pub(crate) async fn share(global: &Global, args: &ShareArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let with = args.with.grantees();
    if with.is_empty() && !args.exact {
        return Err(nobody().hint("--exact without anybody takes every launch permission away"));
    }
    if args.snapshots {
        require_of_snapshots(&with)?;
    }
    let session = Session::open(global, terminal).await?;
    let ids = args.targets.resolved(&session).await?;
    let targets = find(&session, &ids, true, terminal).await?;
    let is_public = with.iter().any(is_everybody);
    if is_public {
        require_unblocked(&session, &targets).await?;
    }
    warn_of_keys(&targets, is_public, terminal)?;
    let mut steps = Vec::with_capacity(targets.len());
    for target in &targets {
        let mut remove = if args.exact { surplus(&session, args.snapshots, target).await? } else { BTreeSet::new() };
        remove.retain(|grantee| !with.contains(grantee));
        let sharing = Sharing { add: with.clone(), remove: remove.into_iter().collect(), snapshots: args.snapshots };
        steps.push(step_of(target, Change::Share(sharing)));
    }
    let newly_public = is_public && targets.iter().any(|target| !target.image.public);
    let wanted = Wanted {
        steps,
        question: newly_public.then(|| "everybody will be able to launch what is shared with the public".to_owned()),
    };
    carry_out(global, &args.change, wanted, terminal).await
}

/// Everybody whom an image is shared with, and its snapshots where those are to follow: they may be shared with others than the image.
async fn surplus(session: &Session, with_snapshots: bool, target: &Target) -> Result<BTreeSet<Grantee>, Failure> {
    let Target { scope, image } = target;
    let mut have: BTreeSet<Grantee> = image.launch_permissions.known().unwrap_or_default().iter().cloned().collect();
    let Some(cloud) = session.of(scope.account).filter(|_| with_snapshots) else { return Ok(have) };
    for snapshot in image.snapshots() {
        let request = DescribeSnapshotPermissionsRequest { snapshot: snapshot.clone() };
        let reply = Call::<DescribeSnapshotPermissions>::call(cloud, &scope.region, request).await;
        have.extend(reply.map_err(|error| of_cloud(&error, &scope.region, None))?);
    }
    Ok(have)
}

/// Lets others launch images no longer.
pub(crate) async fn unshare(global: &Global, args: &UnshareArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let from = args.with.grantees();
    if from.is_empty() {
        return Err(nobody().hint("`amictl share AMI --exact` takes every launch permission away"));
    }
    let session = Session::open(global, terminal).await?;
    let ids = args.targets.resolved(&session).await?;
    let targets = find(&session, &ids, true, terminal).await?;
    let sharing = || Sharing { add: Vec::new(), remove: from.clone(), snapshots: args.snapshots };
    let wanted = Wanted {
        steps: targets.iter().map(|target| step_of(target, Change::Share(sharing()))).collect(),
        question: None,
    };
    carry_out(global, &args.change, wanted, terminal).await
}

fn nobody() -> Failure {
    Failure::usage("with whom? give --account, --organization-arn, --ou-arn, --public or --marketplace")
}

pub(super) fn is_everybody(grantee: &Grantee) -> bool {
    matches!(grantee, Grantee::Group(_))
}

/// Snapshots can be shared with accounts and with everybody only.
fn require_of_snapshots(with: &[Grantee]) -> Result<(), Failure> {
    let other = with.iter().find(|grantee| !matches!(grantee, Grantee::Account(_) | Grantee::Group(_)));
    match other {
        None => Ok(()),
        Some(grantee) => Err(Failure::usage(format!("--snapshots: a snapshot cannot be shared with {grantee}"))
            .hint("EC2 shares snapshots with accounts and with everybody only; whoever may launch an image needs none of that")),
    }
}

/// Sharing with everybody is refused where the Region blocks it, before anything is done.
async fn require_unblocked(session: &Session, targets: &[Target]) -> Result<(), Failure> {
    let scopes: BTreeSet<&Scope> = targets.iter().map(|target| &target.scope).collect();
    for scope in scopes {
        let Some(cloud) = session.of(scope.account) else { continue };
        let request = GetImageBlockPublicAccessStateRequest {};
        let setting = Call::<GetImageBlockPublicAccessState>::call(cloud, &scope.region, request).await;
        let setting = match setting {
            Ok(setting) => setting,
            // An endpoint that knows no such setting cannot have set it.
            Err(error) if error.class == ErrorClass::Unsupported => continue,
            Err(error) => return Err(of_cloud(&error, &scope.region, None)),
        };
        if setting.state != "unblocked" {
            let by = setting.managed_by.map(|by| format!(", by {by}")).unwrap_or_default();
            let why = format!("{scope} blocks sharing images with everybody ({}{by})", setting.state);
            return Err(Failure::refused(why).hint(
                "`aws ec2 disable-image-block-public-access` allows it, some minutes later; nothing was changed",
            ));
        }
    }
    Ok(())
}

/// Encrypted snapshots are never public, and to others are of no use without their key.
fn warn_of_keys(targets: &[Target], is_public: bool, terminal: &Terminal) -> Result<(), Failure> {
    for Target { image, .. } in targets {
        if !image.block_devices.iter().any(|device| device.encrypted) {
            continue;
        }
        if is_public {
            return Err(Failure::refused(format!("{} has encrypted snapshots: EC2 does not make it public", image.id))
                .hint("copy it unencrypted, or share it with accounts; nothing was changed"));
        }
        terminal.note(&format!(
            "{} has encrypted snapshots: whoever it is shared with also needs the use of their key, which must not be the account's default one",
            image.id
        ));
    }
    Ok(())
}
