//! The images that were named, wherever they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use amictl_cloud::ops::{
    DescribeImages, DescribeImagesRequest, DescribeLaunchPermissions, DescribeLaunchPermissionsRequest, ImageOwners,
};
use amictl_cloud::{Call, Cloud, CloudError, Clouds, PageError, for_each_page};
use amictl_model::{Image, ImageId, LaunchPermissions, Scope};
use futures::stream::{self, StreamExt};

use super::resolve::resolve;
use crate::args::{ImageRef, TargetArgs};
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// A list of images is written by people or scripts; anything larger is something else.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Values of one filter, at most.
pub(super) const IDS_PER_CALL_MAX: usize = 200;

/// An image, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) scope: Scope,
    pub(crate) image: Image,
}

impl TargetArgs {
    /// The ids, each once, in the order in which they were named; what is named otherwise is refused.
    pub(crate) fn ids(&self) -> Result<Vec<ImageId>, Failure> {
        let of = |image: &ImageRef| match image {
            ImageRef::Id(id) => Ok(id.clone()),
            other => Err(Failure::usage(format!("{other}: this command takes images by their ids alone"))
                .hint("`amictl find` tells the id")),
        };
        self.with_file(self.images.iter().map(of).collect::<Result<_, _>>()?)
    }

    /// The same, with the images that were named by a parameter or a query, in each Region of the session.
    pub(crate) async fn resolved(&self, session: &Session) -> Result<Vec<ImageId>, Failure> {
        self.with_file(resolve(session, &self.images).await?)
    }

    fn with_file(&self, mut ids: Vec<ImageId>) -> Result<Vec<ImageId>, Failure> {
        if let Some(file) = &self.from_file {
            ids.extend(read(file)?);
        }
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        if ids.is_empty() {
            return Err(Failure::usage("the file names no image"));
        }
        Ok(ids)
    }
}

/// The ids in a file.
pub(super) fn read(file: &Path) -> Result<Vec<ImageId>, Failure> {
    let failure = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(failure)?.len();
    if size > FILE_BYTES_MAX {
        return Err(Failure::usage(format!("{} has {size} bytes: that is no list of images", file.display())));
    }
    let text = std::fs::read_to_string(file).map_err(failure)?;
    let mut ids = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some(word) = line.split([',', ' ', '\t', ';']).find(|word| !word.is_empty()) else { continue };
        if word.starts_with('#') {
            continue;
        }
        let id = word.trim_matches('"').parse();
        ids.push(id.map_err(|error| Failure::usage(format!("{}, line {number}: {error}", file.display())))?);
    }
    Ok(ids)
}

/// Finds the images in the accounts and Regions of the session; with whom they are shared only where that is asked for.
pub(crate) async fn find(
    session: &Session,
    ids: &[ImageId],
    with_permissions: bool,
    terminal: &Terminal,
) -> Result<Vec<Target>, Failure> {
    let mut targets = find_of(session, ids, ImageOwners::Own, terminal).await?;
    if with_permissions {
        targets = permissions(session, targets).await?;
    }
    Ok(targets)
}

/// What looking for images came to.
pub(super) struct Looked {
    pub(super) found: BTreeMap<ImageId, Target>,
    pub(super) failures: Vec<(Scope, CloudError)>,
}

/// Finds the images, whoever owns them: what the accounts of the session may launch.
pub(crate) async fn find_launchable(
    session: &Session,
    ids: &[ImageId],
    terminal: &Terminal,
) -> Result<Vec<Target>, Failure> {
    find_of(session, ids, ImageOwners::Any, terminal).await
}

async fn find_of(
    session: &Session,
    ids: &[ImageId],
    owners: ImageOwners,
    terminal: &Terminal,
) -> Result<Vec<Target>, Failure> {
    let Looked { mut found, failures } = look_everywhere(session, ids, &owners).await;
    let missing: Vec<String> = ids.iter().filter(|id| !found.contains_key(*id)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        return Err(not_found(session, &missing, &owners, &failures));
    }
    for (scope, error) in &failures {
        terminal.note(&format!("{scope}: {error}"));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Looks for images in all accounts and Regions of the session.
pub(super) async fn look_everywhere(session: &Session, ids: &[ImageId], owners: &ImageOwners) -> Looked {
    let looks = stream::iter(session.scopes())
        .map(|scope| async move {
            let found = match session.of(scope.account) {
                Some(cloud) => look(cloud, &scope, ids, owners).await,
                None => Ok(Vec::new()),
            };
            (scope, found)
        })
        .buffered(16)
        .collect::<Vec<_>>()
        .await;
    let mut found: BTreeMap<ImageId, Target> = BTreeMap::new();
    let mut failures: Vec<(Scope, CloudError)> = Vec::new();
    for (scope, looked) in looks {
        match looked {
            Ok(images) => found.extend(images.into_iter().map(|image| {
                let target = Target { scope: scope.clone(), image };
                (target.image.id.clone(), target)
            })),
            Err(error) => failures.push((scope, error)),
        }
    }
    Looked { found, failures }
}

/// These images in one account and Region; those that are gone are not among them.
pub(super) async fn look(
    cloud: &dyn Cloud,
    scope: &Scope,
    ids: &[ImageId],
    owners: &ImageOwners,
) -> Result<Vec<Image>, CloudError> {
    let mut images = Vec::new();
    for ids in ids.chunks(IDS_PER_CALL_MAX) {
        let owners = owners.clone();
        let request = DescribeImagesRequest { images: ids.to_vec(), owners, ..DescribeImagesRequest::default() };
        let (_, result) =
            for_each_page::<DescribeImages>(cloud, &scope.region, request, |page| images.extend(page.images)).await;
        result.map_err(|error| match error {
            PageError::Call(error) => error,
            other => CloudError {
                class: amictl_cloud::ErrorClass::Other,
                operation: "DescribeImages",
                code: None,
                message: other.to_string(),
                request_id: None,
            },
        })?;
    }
    Ok(images)
}

/// Why these could not be found.
pub(super) fn not_found(
    session: &Session,
    missing: &[String],
    owners: &ImageOwners,
    failures: &[(Scope, CloudError)],
) -> Failure {
    let names = missing.join(", ");
    if let Some((scope, error)) = failures.first() {
        let failure = of_cloud(error, &scope.region, None);
        let message = format!("{names} could not be looked for in {scope}: {}", failure.message);
        return Failure { message, ..failure };
    }
    let scopes: Vec<String> = session.scopes().iter().map(ToString::to_string).collect();
    let whose = if *owners == ImageOwners::Own { "image of the account" } else { "image that can be launched" };
    Failure::error(format!("{names}: no such {whose} in {}", scopes.join(", ")))
        .hint("look in another Region with --region, or in all of them with --region all; nothing was changed")
}

/// Asks for the launch permissions of each image.
async fn permissions(session: &Session, targets: Vec<Target>) -> Result<Vec<Target>, Failure> {
    let asked = stream::iter(targets).map(|mut target| async move {
        let Some(cloud) = session.of(target.scope.account) else { return Ok(target) };
        let request = DescribeLaunchPermissionsRequest { image: target.image.id.clone() };
        let grantees = Call::<DescribeLaunchPermissions>::call(cloud, &target.scope.region, request).await;
        let grantees = grantees.map_err(|error| {
            let failure = of_cloud(&error, &target.scope.region, None);
            let message = format!("whom {} is shared with could not be read: {}", target.image.id, failure.message);
            Failure { message, ..failure }
        })?;
        target.image.launch_permissions = LaunchPermissions::read(grantees);
        Ok(target)
    });
    let answers: Vec<Result<Target, Failure>> = asked.buffered(16).collect().await;
    answers.into_iter().collect()
}
