//! A second witness: what EC2 itself knows of references to the images that would be retired (`DescribeImageReferences`).
//!
//! It knows instances, launch templates, SSM parameters and Image Builder recipes of the account. Where it knows of a reference that no
//! source has found, the source has missed something: that is a use, and a warning.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use amictl_cloud::ops::{
    DescribeImageReferences, DescribeImageReferencesReply, DescribeImageReferencesRequest, ImageReference,
};
use amictl_cloud::{Clock, Clouds, ErrorClass, PageError, for_each_page};
use amictl_model::{ImageId, Inventory, Reference, ScopeInventory, Source, Usage, Witnessed};
use compact_str::format_compact;
use futures::stream::{self, FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;

use crate::reader::{Tally, no_credentials};
use crate::{ImageRequest, Observer, Reader, ScanEvent};

/// Images that one call may name.
const IMAGES_PER_CALL_MAX: usize = 10;
/// After so many denials in a row no more is asked.
const DENIALS_MAX: u32 = 3;

/// Asks about these images, all Regions side by side with `concurrency` calls in flight in all, and enters what was not known before and
/// the coverage of each scope that was asked.
pub async fn ask_witness(
    clouds: &dyn Clouds,
    clock: &Clock,
    inventory: &mut Inventory,
    requests: &[ImageRequest],
    concurrency: usize,
    observer: &dyn Observer,
) {
    let concurrency = concurrency.max(1);
    let in_flight = Semaphore::new(concurrency);
    let asked = requests.iter().filter_map(|request| {
        let scope = inventory.scopes.get(request.scope)?.scope.clone();
        let wanted = request.ids(inventory);
        (!wanted.is_empty()).then_some((request.scope, scope, wanted))
    });
    let reading: Vec<_> = asked
        .map(|(at, scope, wanted)| {
            let in_flight = &in_flight;
            async move {
                let Some(cloud) = clouds.of(scope.account) else { return (at, scope, None) };
                let reader = Reader { cloud, scope: &scope, clock, concurrency, skip: &[], observer };
                let mut tally = reader.begin(Source::ImageReferences);
                let answers = ask(reader, &mut tally, &wanted, in_flight).await;
                let answers: Vec<_> = answers.into_iter().map(|(images, answer)| (images.to_vec(), answer)).collect();
                (at, scope, Some((tally, answers)))
            }
        })
        .collect();
    let mut reading: FuturesUnordered<_> = reading.into_iter().collect();
    while let Some((at, scope, answered)) = reading.next().await {
        let Some(inventory) = inventory.scopes.get_mut(at) else { continue };
        let coverage = match answered {
            Some((mut tally, answers)) => {
                enter(inventory, &mut tally, answers);
                tally.into_coverage()
            }
            None => no_credentials(Source::ImageReferences, clock),
        };
        inventory.cover(coverage.clone());
        observer.observe(ScanEvent::Finished { scope, coverage });
    }
}

/// What came of one question.
type Answered = Result<Vec<ImageReference>, PageError>;
/// Images that were asked about together, and what was answered; `None` when they were not asked about any more.
type Answer<'w> = (&'w [ImageId], Option<Answered>);

async fn ask<'w>(
    reader: Reader<'_>,
    tally: &mut Tally,
    wanted: &'w [ImageId],
    in_flight: &Semaphore,
) -> Vec<Answer<'w>> {
    let denials = AtomicU32::new(0);
    let together = wanted.chunks(IMAGES_PER_CALL_MAX);
    let answers = ask_round(reader, tally, together, in_flight, &denials).await;
    // Where an image is gone, all that were asked about with it are refused; each is asked about alone then.
    let (refused, mut answers): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(images, answer)| {
        images.len() > 1 && matches!(answer, Some(Err(PageError::Call(error))) if is_gone(error.class))
    });
    let alone = refused.into_iter().flat_map(|(images, _)| images.chunks(1));
    answers.extend(ask_round(reader, tally, alone, in_flight, &denials).await);
    answers
}

fn is_gone(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::NotFound | ErrorClass::Unavailable)
}

async fn ask_round<'w>(
    reader: Reader<'_>,
    tally: &mut Tally,
    rounds: impl Iterator<Item = &'w [ImageId]>,
    in_flight: &Semaphore,
    denials: &AtomicU32,
) -> Vec<Answer<'w>> {
    let calls = AtomicU64::new(0);
    let answers = stream::iter(rounds)
        .map(|images| {
            let calls = &calls;
            async move {
                // The semaphore is never closed.
                let _permit = in_flight.acquire().await;
                if denials.load(Ordering::Relaxed) >= DENIALS_MAX {
                    return (images, None);
                }
                let mut references = Vec::new();
                let request = DescribeImageReferencesRequest { images: images.to_vec(), next_token: None };
                let each = |page: DescribeImageReferencesReply| references.extend(page.references);
                let region = &reader.scope.region;
                let (pages, result) =
                    for_each_page::<DescribeImageReferences>(reader.cloud, region, request, each).await;
                calls.fetch_add(pages, Ordering::Relaxed);
                match &result {
                    Err(PageError::Call(error)) if error.class == ErrorClass::Denied => {
                        denials.fetch_add(1, Ordering::Relaxed)
                    }
                    _ => denials.swap(0, Ordering::Relaxed),
                };
                (images, Some(result.map(|()| references)))
            }
        })
        .buffer_unordered(reader.concurrency)
        .collect()
        .await;
    tally.calls += calls.into_inner();
    answers
}

/// Enters what the witness said of one account and Region.
fn enter(inventory: &mut ScopeInventory, tally: &mut Tally, answers: Vec<(Vec<ImageId>, Option<Answered>)>) {
    let mut witnessed: HashMap<ImageId, Witnessed> = HashMap::new();
    for (images, answer) in answers {
        let failure = match answer {
            Some(Ok(references)) => match new_references(inventory, &images, references) {
                Ok(found) => {
                    for reference in &found {
                        let Reference { image, resource, .. } = reference;
                        tally.note(format!("EC2 knows that {resource} uses {image}, and no source found it"));
                    }
                    inventory.references.extend(found);
                    None
                }
                Err(why) => {
                    tally.unresolved(why.clone());
                    Some(why)
                }
            },
            Some(Err(error)) => {
                tally.fail(&error);
                Some(error.to_string())
            }
            None => Some("not asked for after several denials".to_owned()),
        };
        tally.items += images.len() as u64;
        let failure: Option<Box<str>> = failure.map(Into::into);
        witnessed.extend(
            images.iter().map(|image| (image.clone(), Witnessed { image: image.clone(), failure: failure.clone() })),
        );
    }
    inventory.witnessed.retain(|earlier| !witnessed.contains_key(&earlier.image));
    inventory.witnessed.extend(witnessed.into_values());
    inventory.sort();
}

/// The references that no source has found.
fn new_references(
    inventory: &ScopeInventory,
    images: &[ImageId],
    references: Vec<ImageReference>,
) -> Result<Vec<Reference>, String> {
    let mut found: Vec<Reference> = Vec::new();
    for reference in references {
        let image = reference.image.parse().ok().filter(|image| images.contains(image));
        let image =
            image.ok_or_else(|| format!("an answer is about `{}`, which was not asked about", reference.image))?;
        let arn = reference.arn.as_str();
        if inventory.references_to(&image).iter().any(|known| names(arn, &known.resource)) {
            continue;
        }
        found.push(Reference {
            image,
            source: Source::ImageReferences,
            resource: arn.into(),
            usage: Usage::Other { what: format_compact!("{}, as EC2 knows", reference.resource_type) },
        });
    }
    Ok(found)
}

/// Whether a resource, as a source names it, is the one of this ARN: by the ARN, by the id or name at its end, or by a version of that.
fn names(arn: &str, resource: &str) -> bool {
    let is_end = |resource: &str| {
        !resource.is_empty()
            && arn.strip_suffix(resource).is_some_and(|rest| {
                rest.is_empty()
                    || rest.ends_with([':', '/'])
                    || (resource.starts_with('/') && rest.ends_with(":parameter"))
            })
    };
    is_end(resource) || resource.rsplit_once(':').is_some_and(|(resource, _)| is_end(resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_known_by_its_id_its_name_or_its_arn() {
        for (arn, resource, same) in [
            ("arn:aws:ec2:us-east-1:1:instance/i-12", "i-12", true),
            ("arn:aws:ec2:us-east-1:1:instance/i-12", "i-2", false),
            ("arn:aws:ec2:us-east-1:1:instance/i-12", "12", false),
            ("arn:aws:ec2:us-east-1:1:instance/i-12", "", false),
            ("arn:aws:ec2:us-east-1:1:launch-template/lt-1", "lt-1:7", true),
            ("arn:aws:ec2:us-east-1:1:launch-template/lt-1", "lt-11:7", false),
            ("arn:aws:ssm:us-east-1:1:parameter/golden/web", "/golden/web", true),
            ("arn:aws:ssm:us-east-1:1:parameter/web", "web", true),
            (
                "arn:aws:imagebuilder:us-east-1:1:image-recipe/web/1.0.0",
                "arn:aws:imagebuilder:us-east-1:1:image-recipe/web/1.0.0",
                true,
            ),
            (
                "arn:aws:imagebuilder:us-east-1:1:image-recipe/web/1.0.0",
                "arn:aws:imagebuilder:us-east-1:1:image-recipe/web/1.0.1",
                false,
            ),
        ] {
            assert_eq!(names(arn, resource), same, "{arn} {resource}");
        }
    }
}
