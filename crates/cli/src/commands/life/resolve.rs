//! Images that are named by an SSM parameter, or by their owner and name.

use std::collections::BTreeMap;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest, GetParameters, GetParametersRequest, ImageOwners};
use amictl_cloud::{Call, Clouds, PageError, for_each_page};
use amictl_model::{Image, ImageId, ImageState, Scope};

use crate::args::{ImageQuery, ImageRef};
use crate::exit::Failure;
use crate::session::{Session, of_cloud};

/// The ids of these images: those that are named by a parameter or a query, in each account and Region of the session.
pub(super) async fn resolve(session: &Session, images: &[ImageRef]) -> Result<Vec<ImageId>, Failure> {
    let mut ids = Vec::with_capacity(images.len());
    for image in images {
        if let ImageRef::Id(id) = image {
            ids.push(id.clone());
            continue;
        }
        for scope in session.scopes() {
            ids.push(resolve_in(session, &scope, image).await?);
        }
    }
    Ok(ids)
}

/// What an image is in one account and Region.
pub(super) async fn resolve_in(session: &Session, scope: &Scope, image: &ImageRef) -> Result<ImageId, Failure> {
    match image {
        ImageRef::Id(id) => Ok(id.clone()),
        ImageRef::Parameter(parameter) => parameter_in(session, scope, parameter).await,
        ImageRef::Newest(query) => {
            let found = find_in(session, scope, query).await?;
            Ok(the_newest(scope, query, &newest(&found))?.id.clone())
        }
    }
}

/// The image that a parameter names.
pub(super) async fn parameter_in(session: &Session, scope: &Scope, parameter: &str) -> Result<ImageId, Failure> {
    let request = GetParametersRequest { names: vec![parameter.to_owned()] };
    let Some(cloud) = session.of(scope.account) else { return Err(nowhere(scope)) };
    let reply = Call::<GetParameters>::call(cloud, &scope.region, request).await;
    let reply = reply.map_err(|error| of_cloud(&error, &scope.region, None))?;
    let Some(found) = reply.parameters.first() else {
        return Err(Failure::error(format!("there is no parameter {parameter} in {scope}")).hint("nothing was changed"));
    };
    found.value.trim().parse().map_err(|error| {
        Failure::error(format!("{parameter} in {scope} names no image: {error}")).hint("nothing was changed")
    })
}

/// The images that a query is about, those of its architecture that can be launched.
pub(crate) async fn find_in(session: &Session, scope: &Scope, query: &ImageQuery) -> Result<Vec<Image>, Failure> {
    let Some(cloud) = session.of(scope.account) else { return Err(nowhere(scope)) };
    let request = DescribeImagesRequest {
        names: vec![query.name.clone()],
        owners: ImageOwners::Of(vec![query.owner.clone()]),
        ..DescribeImagesRequest::default()
    };
    let is_it = |image: &Image| {
        image.state == ImageState::Available
            && query.architecture.as_ref().is_none_or(|architecture| image.architecture == architecture.as_str())
    };
    let mut found = Vec::new();
    let (_, result) = for_each_page::<DescribeImages>(cloud, &scope.region, request, |page| {
        found.extend(page.images.into_iter().filter(is_it));
    })
    .await;
    match result {
        Ok(()) => Ok(found),
        Err(PageError::Call(error)) => Err(of_cloud(&error, &scope.region, None)),
        Err(other) => Err(Failure::error(format!("{scope}: {other}"))),
    }
}

/// The newest of each architecture, all of them where several are equally new.
pub(crate) fn newest(images: &[Image]) -> BTreeMap<&str, Vec<&Image>> {
    let mut newest: BTreeMap<&str, Vec<&Image>> = BTreeMap::new();
    for image in images {
        let of_architecture = newest.entry(image.architecture.as_str()).or_default();
        match of_architecture.first().map(|other| image.created_at.cmp(&other.created_at)) {
            None | Some(std::cmp::Ordering::Equal) => of_architecture.push(image),
            Some(std::cmp::Ordering::Greater) => *of_architecture = vec![image],
            Some(std::cmp::Ordering::Less) => {}
        }
    }
    newest
}

/// The one image that is meant; two are an error, never a guess.
fn the_newest<'a>(
    scope: &Scope,
    query: &ImageQuery,
    newest: &BTreeMap<&str, Vec<&'a Image>>,
) -> Result<&'a Image, Failure> {
    let architectures: Vec<&str> = newest.keys().copied().collect();
    let failure = match &newest.values().flatten().copied().collect::<Vec<_>>()[..] {
        [] => Failure::error(format!("{query}: no such image in {scope}")),
        [image] => return Ok(image),
        _ if architectures.len() > 1 => Failure::error(format!(
            "{query}: there are images of several architectures in {scope} ({}): add one, as in `{query}:{}`",
            architectures.join(", "),
            architectures[0]
        )),
        [first, second, ..] => {
            Failure::error(format!("{query}: {} and {} in {scope} are equally new", first.id, second.id))
        }
    };
    Err(failure.hint("`amictl find` lists what there is; nothing was changed"))
}

fn nowhere(scope: &Scope) -> Failure {
    Failure::error(format!("{scope} cannot be worked in"))
}
