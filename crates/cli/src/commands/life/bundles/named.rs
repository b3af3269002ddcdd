//! Instance-store images that are to go, and the plan that deregisters them.

use std::collections::{BTreeMap, BTreeSet};

use amictl_collect::bundles::{BundleImage, BundleImages};
use amictl_model::{BundlePlace, ImageId, Inventory};
use amictl_plan::{Plan, PlanDecision};
use amictl_policy::{Naming, SnapshotRule};

use super::super::cut_off;
use super::super::deregister::evidence::{self, Evidence};
use super::super::gone;
use crate::args::{BundlesDeleteArgs, Global};
use crate::exit::Failure;
use crate::output::Terminal;
use crate::pipeline::load_policy;
use crate::session::Session;

/// The images that were named, those that are gone already told and left out.
pub(super) async fn find<'a>(
    global: &Global,
    session: &Session,
    ids: &[ImageId],
    images: &'a BundleImages,
    terminal: &Terminal,
) -> Result<Vec<&'a BundleImage>, Failure> {
    if let Some((scope, why)) = images.unread.first() {
        return Err(Failure::refused(format!("the images of {scope} could not be read: {why}"))
            .hint("whether another image is made of the same bundle is not known; nothing was changed"));
    }
    let wanted: BTreeSet<&ImageId> = ids.iter().collect();
    let found: Vec<&BundleImage> = images.images.iter().filter(|image| wanted.contains(&image.image.id)).collect();
    let is_found = |id: &ImageId| found.iter().any(|image| image.image.id == *id);
    let missing: Vec<String> = wanted.iter().filter(|id| !is_found(id)).map(ToString::to_string).collect();
    let known = if missing.is_empty() { BTreeMap::new() } else { gone::known(global, session, &missing).await };
    if !known.is_empty()
        && let Some(run) = cut_off::bundle(global, ids).await
    {
        return Err(cut_off::refused(global, "deregistered an image and did not delete its bundle", &run));
    }
    for (image, why) in &known {
        terminal.note(&format!(
            "{image} is gone already: {why}; `amictl bundles list s3://BUCKET` lists bundles that are left"
        ));
    }
    let unknown: Vec<&str> = missing.iter().filter(|id| !known.contains_key(*id)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let why =
            format!("{}: no instance-store image of the account in the Regions that were read", unknown.join(", "));
        return Err(Failure::error(why).hint(
            "`amictl deregister` is for EBS-backed images; look in another Region with --region; nothing was changed",
        ));
    }
    Ok(found)
}

/// The plan that deregisters them; refused where one of them must stay.
pub(super) async fn plan(
    global: &Global,
    session: &Session,
    args: &BundlesDeleteArgs,
    images: &[&BundleImage],
    terminal: &Terminal,
) -> Result<(Plan, Inventory), Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let naming = Naming {
        images: images.iter().map(|image| image.image.id.clone()).collect(),
        snapshots: SnapshotRule::Keep,
        require_recycle_bin: None,
        takes_bundles: true,
    };
    let Evidence { inventory, plan, .. } =
        evidence::read(global, session, policy.for_named(naming), None, &BTreeSet::new(), terminal).await?;
    let mut refused = 0;
    for verdict in plan.named_verdicts().filter(|verdict| verdict.decision != PlanDecision::Retire) {
        let why: Vec<String> = verdict.reasons.iter().map(ToString::to_string).collect();
        terminal.say(&format!("{} {} in {} stays: {}", verdict.image_id, verdict.name, verdict.region, why.join("; ")));
        refused += 1;
    }
    let judged: BTreeSet<&ImageId> = plan.named_verdicts().map(|verdict| &verdict.image_id).collect();
    if let Some(image) = images.iter().find(|image| !judged.contains(&image.image.id)) {
        let why = format!("{} was seen and is not among the images of {} now", image.image.id, image.scope);
        return Err(Failure::error(why).hint("run it again; nothing was changed"));
    }
    if refused > 0 {
        let what = if images.len() == 1 {
            "the image stays".to_owned()
        } else {
            format!("{refused} of {} images stay", images.len())
        };
        return Err(Failure::refused(format!("{what}, as was said above"))
            .hint("`amictl explain AMI` has all evidence; nothing was changed"));
    }
    Ok((plan, inventory))
}

/// The bundles that no other image is made of, each with the images that go before it.
pub(super) fn places<'a>(
    going: &[&'a BundleImage],
    images: &BundleImages,
    terminal: &Terminal,
) -> Result<BTreeMap<&'a BundlePlace, Vec<&'a BundleImage>>, Failure> {
    let mut places: BTreeMap<&BundlePlace, Vec<&BundleImage>> = BTreeMap::new();
    for image in going {
        let place = image.place.as_ref().map_err(|why| {
            Failure::refused(format!("{}: its bundle cannot be found: {why}", image.image.id))
                .hint("--keep-bundle deregisters it alone; nothing was changed")
        })?;
        places.entry(place).or_default().push(image);
    }
    places.retain(|place, of_it| {
        let other = images.of(place).find(|image| !of_it.iter().any(|going| going.image.id == image.image.id));
        if let Some(other) = other {
            terminal.say(&format!("{place} stays: {} in {} is made of it too", other.image.id, other.scope));
        }
        other.is_none()
    });
    Ok(places)
}
