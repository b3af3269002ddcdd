//! An image of a snapshot: where that is, whether it can be used, what it was made for, and what that was billed as.

use amictl_cloud::ops::{DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_cloud::{Clouds, PageError, for_each_page};
use amictl_collect::{MadeFor, SnapshotOrigin, find_origin};
use amictl_model::{Scope, Snapshot, SnapshotId, SnapshotState, StorageTier};
use amictl_plan::{RegisteredOf, RootSnapshot};
use amictl_policy::Origin;

use super::Source;
use crate::args::RegisterArgs;
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// The device that a root volume has where nothing says another.
const ROOT_DEVICE: &str = "/dev/xvda";
/// What loses nothing when it is billed as if it were nothing else.
const PLAIN: &str = "Linux/UNIX";

pub(super) async fn source(
    session: &Session,
    args: &RegisterArgs,
    id: &SnapshotId,
    terminal: &Terminal,
) -> Result<Source, Failure> {
    let ids: Vec<&SnapshotId> =
        std::iter::once(id).chain(args.device.iter().filter_map(|device| device.snapshot.as_ref())).collect();
    let (scope, snapshots) = find(session, &ids).await?;
    let mut is_ready = true;
    for snapshot in &snapshots {
        is_ready &= usable(snapshot)?;
    }
    if !is_ready {
        terminal.note("a snapshot is pending: it is waited for");
    }
    let Some(root) = snapshots.iter().find(|snapshot| snapshot.id == *id) else {
        return Err(Failure::error(format!("{id} is not seen any more")).hint("nothing was changed"));
    };
    if let Some(size) = args.root.volume_size.filter(|size| *size < root.size_gib) {
        return Err(Failure::usage(format!("--volume-size: {size} GiB is less than {id} has, {} GiB", root.size_gib)));
    }
    if root.encrypted && !args.then.share_with.is_empty() {
        terminal.note(&format!("{id} is encrypted: whoever the image is shared with needs its key too"));
    }
    let Some(cloud) = session.of(scope.account) else {
        return Err(Failure::error(format!("there are no credentials for account {}", scope.account)));
    };
    let described = root.description.as_deref().and_then(Origin::of).map(|origin| origin.image);
    let SnapshotOrigin { made_for, unread } = find_origin(cloud, &scope.region, root, described).await;
    if made_for.is_none() {
        for what in &unread {
            terminal.note(&format!("what {id} was made for: {what}"));
        }
    }
    let of_origin =
        made_for.as_ref().map(|made_for| made_for.image.architecture.clone()).filter(|name| !name.is_empty());
    if args.traits.architecture.is_none() && of_origin.is_none() {
        return Err(Failure::usage(format!("--architecture: for which {id} is cannot be found out"))
            .hint("EC2 would take i386; nothing was changed"));
    }
    let traits = args.traits.traits(of_origin).map_err(Failure::usage)?;
    let device = args.root.device(&root_device(made_for.as_ref(), id));
    if let Some(twice) = args.device.iter().find(|further| further.name == device.name) {
        return Err(Failure::usage(format!("--device: {} is the root device", twice.name)));
    }
    let warning = warning(id, made_for.as_ref());
    terminal.note(&warning.text);
    let of = RegisteredOf::Snapshot {
        root: RootSnapshot::Id(id.clone()),
        device: Box::new(device),
        wait_seconds: if is_ready { 0 } else { args.then.timeout.as_secs().max(1) },
    };
    let Scope { account, region } = scope;
    Ok(Source { account, region, of, traits, platform: warning.platform, question: warning.question })
}

/// What is said of billing before anything is done.
struct Warning {
    text: String,
    platform: Option<Box<str>>,
    question: Option<String>,
}

fn warning(id: &SnapshotId, made_for: Option<&MadeFor>) -> Warning {
    let plain = |text| Warning { text, platform: None, question: None };
    let Some(made_for) = made_for else {
        return plain(format!(
            "what {id} was made for is not known: were it Windows, RHEL, SUSE or SQL Server, EC2 may lose what it is billed as, and the \
             image is not to be used then; what it is billed as is told afterwards"
        ));
    };
    let (image, known) = (&made_for.image, made_for.known);
    let platform = image.platform_details.as_str();
    if !made_for.is_billed() {
        let billed = if platform.is_empty() {
            "and EC2 does not say what that is billed as"
        } else {
            "which is billed as Linux/UNIX"
        };
        return plain(format!("{id} is of {}, {known}, {billed}", image.id));
    }
    let mut billed = if platform.is_empty() { "nothing that EC2 says".to_owned() } else { platform.to_owned() };
    if !made_for.product_codes.is_empty() {
        billed.push_str(&format!(", with the product codes {}", made_for.product_codes.join(", ")));
    }
    let text = format!(
        "{id} is of {}, {known}, which is billed as {billed}: EC2 may lose that, and an image without its billing codes is not to be \
         used; `amictl create` of an instance keeps them",
        image.id
    );
    let question = Some(format!("the image may lose what {} is billed as, which is {billed}", image.id));
    let platform = (!matches!(platform, "" | PLAIN)).then(|| platform.into());
    Warning { text, platform, question }
}

/// The device that the image has it on that the snapshot was made for.
fn root_device(made_for: Option<&MadeFor>, id: &SnapshotId) -> String {
    let devices = made_for.map(|made_for| &*made_for.image.block_devices).unwrap_or_default();
    let of_it = devices.iter().find(|device| device.snapshot.as_ref() == Some(id));
    of_it.map(|device| &*device.device_name).filter(|name| !name.is_empty()).unwrap_or(ROOT_DEVICE).to_owned()
}

/// Whether it can be used at once; one that never can is refused.
fn usable(snapshot: &Snapshot) -> Result<bool, Failure> {
    let id = &snapshot.id;
    let why = match (snapshot.state, snapshot.tier) {
        (_, StorageTier::Archive) => "it is in the archive: `aws ec2 restore-snapshot-tier` takes it out",
        (SnapshotState::Completed, StorageTier::Standard) => return Ok(true),
        (SnapshotState::Pending, StorageTier::Standard) => return Ok(false),
        (SnapshotState::Error, _) => "it failed",
        (SnapshotState::Recoverable | SnapshotState::Recovering, _) => "it is to be recovered first",
        (SnapshotState::Unknown, _) => "its state is not known",
    };
    Err(Failure::error(format!("{id} cannot be registered: {why}")).hint("nothing was changed"))
}

/// Where the first of these is, and all of them: an image is made of snapshots of its own account and Region.
async fn find(session: &Session, ids: &[&SnapshotId]) -> Result<(Scope, Vec<Snapshot>), Failure> {
    let wanted = |id: &SnapshotId| ids.contains(&id);
    let [first, ..] = ids else { return Err(Failure::usage("--snapshot: which one?")) };
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let mut found: Vec<Snapshot> = Vec::new();
        let request = DescribeSnapshotsRequest {
            snapshots: ids.iter().copied().cloned().collect(),
            ..DescribeSnapshotsRequest::default()
        };
        let (_, result) = for_each_page::<DescribeSnapshots>(cloud, &scope.region, request, |page| {
            found.extend(page.snapshots.into_iter().filter(|snapshot| wanted(&snapshot.id)));
        })
        .await;
        result.map_err(|error| match error {
            PageError::Call(error) => of_cloud(&error, &scope.region, None),
            other => Failure::error(format!("{scope}: {other}")),
        })?;
        if !found.iter().any(|snapshot| snapshot.id == **first) {
            continue;
        }
        if let Some(missing) = ids.iter().find(|id| !found.iter().any(|snapshot| snapshot.id == ***id)) {
            return Err(Failure::error(format!("{missing}: no such snapshot in {scope}, where {first} is"))
                .hint("an image is made of snapshots of its own account and Region; nothing was changed"));
        }
        return Ok((scope, found));
    }
    let scopes: Vec<String> = session.scopes().iter().map(ToString::to_string).collect();
    Err(Failure::error(format!("{first}: the account has no such snapshot in {}", scopes.join(", "))).hint(
        "look in another Region with --region; one that another account shares is copied first \
         (`aws ec2 copy-snapshot`); nothing was changed",
    ))
}
