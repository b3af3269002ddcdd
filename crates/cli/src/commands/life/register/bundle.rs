//! An image of a bundle in S3, which is read first: EC2 says of one that is broken no more than that it is.

use amictl_cloud::Clouds;
use amictl_collect::bundles::{Bundle, ManifestState, read_bundle};
use amictl_model::BundlePlace;
use amictl_plan::RegisteredOf;

use super::super::store::region_of;
use super::Source;
use crate::args::RegisterArgs;
use crate::exit::Failure;
use crate::session::Session;

pub(super) async fn source(session: &Session, args: &RegisterArgs, place: &BundlePlace) -> Result<Source, Failure> {
    let account = session.account;
    let home = session.regions.first().ok_or_else(|| Failure::usage("no Region is named"))?;
    // An image is made where its bundle is.
    let region = region_of(session, &place.bucket, account, home).await?;
    let Some(cloud) = session.of(account) else {
        return Err(Failure::error(format!("there are no credentials for account {account}")));
    };
    let bundle = read_bundle(cloud, &region, place, false)
        .await
        .map_err(|error| Failure::error(format!("{place}: {error}")).hint("nothing was changed"))?;
    let architecture = whole(&bundle).map_err(|why| {
        Failure::error(format!("{place} cannot be registered: {why}"))
            .hint("`amictl bundles list s3://BUCKET` shows what is there; nothing was changed")
    })?;
    if architecture.is_empty() && args.traits.architecture.is_none() {
        return Err(Failure::usage(format!("--architecture: the manifest {place} does not say for which it is")));
    }
    // Without one, EC2 takes the manifest's.
    let traits = args.traits.traits(None).map_err(Failure::usage)?;
    let of = RegisteredOf::Manifest { bucket: place.bucket.as_str().into(), key: place.key.as_str().into() };
    Ok(Source { account, region, of, traits, platform: None, question: None })
}

/// The architecture of the manifest, where the bundle is whole; the error is a fragment.
fn whole(bundle: &Bundle) -> Result<&str, String> {
    let manifest = match &bundle.manifest {
        ManifestState::Read(manifest) => manifest,
        ManifestState::Unreadable(why) => return Err(format!("its manifest cannot be gone by: {why}")),
        ManifestState::Missing => return Err("there is no such manifest".to_owned()),
    };
    match bundle.missing()[..] {
        [] => Ok(&manifest.architecture),
        [one] => Err(format!("its part {one} is missing")),
        [first, ..] => {
            let (missing, parts) = (bundle.missing().len(), manifest.parts.len());
            Err(format!("{missing} of its {parts} parts are missing, the first is {first}"))
        }
    }
}
