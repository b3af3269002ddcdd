//! Which bundles go, and what may be said of each before.

use std::collections::BTreeSet;

use amictl_cloud::ops::{GetBucketLocation, GetBucketLocationRequest};
use amictl_cloud::{Call, Clouds, ErrorClass};
use amictl_collect::bundles::{
    Bundle, BundleImages, BundleSearch, BundleStanding, FoundBundle, ManifestState, bundle_standing, find_bundles,
    read_bundle,
};
use amictl_collect::files::BucketPath;
use amictl_model::{BundlePlace, Region, Scope};
use amictl_plan::Bundling;

use super::home;
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// A bundle that goes, and whose credentials delete it.
pub(super) struct Going {
    pub(super) scope: Scope,
    pub(super) region: Region,
    pub(super) bundling: Bundling,
}

/// The Region of a bucket; `None` where there is no such bucket.
pub(super) async fn region_of(session: &Session, bucket: &str) -> Result<Option<Region>, Failure> {
    let home = home(session)?;
    let request = GetBucketLocationRequest { bucket: bucket.to_owned() };
    match Call::<GetBucketLocation>::call(&*session.cloud, &home.region, request).await {
        Ok(region) => Ok(Some(region)),
        Err(error) if error.class == ErrorClass::NotFound => Ok(None),
        Err(error) => Err(of_cloud(&error, &home.region, None)),
    }
}

/// One bundle by its place, unless there is nothing of it, or it must stay.
pub(super) async fn one(
    session: &Session,
    scope: &Scope,
    place: &BundlePlace,
    images: &BundleImages,
    all_versions: bool,
    terminal: &Terminal,
) -> Result<Option<Going>, Failure> {
    let Some(cloud) = session.of(scope.account) else {
        return Err(Failure::error(format!("there are no credentials for account {}", scope.account)));
    };
    let Some(region) = region_of(session, &place.bucket).await? else {
        terminal.note(&format!("{place}: there is no such bucket"));
        return Ok(None);
    };
    let bundle = read_bundle(cloud, &region, place, all_versions)
        .await
        .map_err(|error| Failure::error(format!("{place}: {error}")).hint("nothing was changed"))?;
    going(scope, bundle, images, all_versions, terminal)
}

/// The bundles below these prefixes that no image is made of; what is not known to be one is told.
pub(super) async fn orphans(
    session: &Session,
    buckets: &[BucketPath],
    images: &BundleImages,
    all_versions: bool,
    terminal: &Terminal,
) -> Result<Vec<Going>, Failure> {
    let home = home(session)?;
    let search = BundleSearch { scopes: &images.scopes, buckets, home: &home, all_versions, concurrency: 16 };
    let (found, unread) = find_bundles(session, &search, images).await;
    if let Some((path, why)) = unread.first() {
        return Err(Failure::error(format!("{path}: {why}")).hint("nothing was changed"));
    }
    let is_asked_for = |found: &FoundBundle| {
        let below = |path: &BucketPath| path.bucket == found.place.bucket && found.place.key.starts_with(&path.prefix);
        buckets.iter().any(below)
    };
    let mut all = Vec::new();
    for found in found.into_iter().filter(is_asked_for) {
        match (bundle_standing(&found, images), found.bundle) {
            ((BundleStanding::Orphan, _), Ok(bundle)) => {
                if matches!(bundle.manifest, ManifestState::Unreadable(_)) {
                    terminal.say(&format!("{} stays: its manifest cannot be gone by", bundle.place));
                } else {
                    all.extend(going(&found.scope, bundle, images, all_versions, terminal)?);
                }
            }
            ((BundleStanding::Unknown, why), _) => {
                return Err(Failure::refused(format!(
                    "{}: whether an image is made of it is not known: {why}",
                    found.place
                ))
                .hint("nothing was changed"));
            }
            ((_, why), _) => terminal.note(&format!("{} stays: {why}", found.place)),
        }
    }
    Ok(all)
}

/// What is to be done about a bundle that was read; nothing where there is nothing of it.
fn going(
    scope: &Scope,
    bundle: Bundle,
    images: &BundleImages,
    all_versions: bool,
    terminal: &Terminal,
) -> Result<Option<Going>, Failure> {
    if bundle.objects.is_empty() {
        terminal.note(&format!("{}: there is nothing of it", bundle.place));
        return Ok(None);
    }
    let (manifest, parts) = match &bundle.manifest {
        ManifestState::Read(manifest) => (Some(manifest.digest.as_str().into()), manifest.parts.clone()),
        // What is named like a part of it, as nothing else says which parts there are.
        ManifestState::Missing => (None, parts_by_name(&bundle)),
        ManifestState::Unreadable(why) => {
            return Err(Failure::refused(format!("{}: its manifest cannot be gone by: {why}", bundle.place))
                .hint("--keep-bundle deregisters an image alone; nothing was changed"));
        }
    };
    let unlisted = bundle.unlisted().len();
    if unlisted > 0 {
        terminal.note(&format!(
            "{}: {unlisted} objects are named like its parts and are not in its manifest: they stay",
            bundle.place
        ));
    }
    if !bundle.missing().is_empty() {
        terminal.note(&format!("{}: {} of its parts are missing", bundle.place, bundle.missing().len()));
    }
    let bundling = Bundling {
        place: bundle.place.clone(),
        manifest,
        parts: parts.into_iter().map(Into::into).collect(),
        all_versions,
        bytes: bundle.bytes(),
        scopes: images.scopes.clone().into(),
    };
    Ok(Some(Going { scope: scope.clone(), region: bundle.region, bundling }))
}

/// The keys of all parts, those too of which only old versions are there.
fn parts_by_name(bundle: &Bundle) -> Vec<String> {
    let mut keys: Vec<String> = bundle.objects.iter().map(|object| object.name.key.clone()).collect();
    keys.retain(|key| bundle.place.is_part(key));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Says which of these buckets keep old versions, which stay and cost.
pub(super) async fn tell_versions(session: &Session, all: &[Going], terminal: &Terminal) {
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for going in all.iter().filter(|going| !going.bundling.all_versions) {
        let place = &going.bundling.place;
        if !told.insert(&place.bucket) {
            continue;
        }
        let Some(cloud) = session.of(going.scope.account) else { continue };
        match read_bundle(cloud, &going.region, place, true).await {
            Ok(bundle) => {
                let keeps = |object: &amictl_collect::bundles::BundlePart| {
                    object.is_delete_marker || object.name.version.as_deref().is_some_and(|version| version != "null")
                };
                if bundle.objects.iter().any(keeps) {
                    terminal.note(&format!(
                        "bucket {} keeps old versions: they stay, and cost as before; --all-versions deletes them",
                        place.bucket
                    ));
                }
            }
            Err(error) => {
                terminal.note(&format!("whether bucket {} keeps old versions is not known: {error}", place.bucket));
            }
        }
    }
}
