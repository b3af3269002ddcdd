//! Launch templates, as commands name them.

use std::collections::BTreeMap;

use amictl_cloud::ops::{
    DescribeLaunchTemplateVersions, DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplates,
    DescribeLaunchTemplatesRequest, ImageOwners, LaunchTemplate, LaunchTemplateVersion,
};
use amictl_cloud::{Clouds, ErrorClass, PageError, for_each_page};
use amictl_model::{ImageId, Scope};
use amictl_policy::VersionedFamily;

use super::targets::look;
use crate::exit::Failure;
use crate::session::{Session, of_cloud};

/// The template of this id or name.
pub(super) async fn template(session: &Session, scope: &Scope, name: &str) -> Result<LaunchTemplate, Failure> {
    let mut found = None;
    if let Some(cloud) = session.of(scope.account) {
        let request = DescribeLaunchTemplatesRequest::default();
        let (_, result) = for_each_page::<DescribeLaunchTemplates>(cloud, &scope.region, request, |page| {
            let is_it = |template: &LaunchTemplate| template.id == name || template.name == name;
            found = found.take().or(page.templates.into_iter().find(is_it));
        })
        .await;
        result.map_err(|error| of_page(error, scope))?;
    }
    found.ok_or_else(|| {
        Failure::error(format!("there is no launch template {name} in {scope}")).hint("nothing was changed")
    })
}

/// The templates whose default version launches an image of the family.
pub(super) async fn of_family(
    session: &Session,
    scope: &Scope,
    family: &VersionedFamily,
) -> Result<Vec<LaunchTemplate>, Failure> {
    let Some(cloud) = session.of(scope.account) else { return Ok(Vec::new()) };
    let mut templates = Vec::new();
    let request = DescribeLaunchTemplatesRequest::default();
    let (_, result) = for_each_page::<DescribeLaunchTemplates>(cloud, &scope.region, request, |page| {
        templates.extend(page.templates);
    })
    .await;
    result.map_err(|error| of_page(error, scope))?;
    // Without a template, EC2 lists the default versions of all.
    let request = DescribeLaunchTemplateVersionsRequest {
        versions: vec!["$Default".to_owned()],
        resolve_alias: true,
        ..DescribeLaunchTemplateVersionsRequest::default()
    };
    let mut image_of: BTreeMap<String, ImageId> = BTreeMap::new();
    let (_, result) = for_each_page::<DescribeLaunchTemplateVersions>(cloud, &scope.region, request, |page| {
        // What a parameter names that cannot be resolved is no image of a family.
        let image = |version: LaunchTemplateVersion| Some((version.template_id, version.image?.parse().ok()?));
        image_of.extend(page.versions.into_iter().filter_map(image));
    })
    .await;
    result.map_err(|error| of_page(error, scope))?;
    let mut ids: Vec<ImageId> = image_of.values().cloned().collect();
    ids.sort();
    ids.dedup();
    let images = look(cloud, scope, &ids, &ImageOwners::Own).await;
    let images = images.map_err(|error| of_cloud(&error, &scope.region, None))?;
    let is_of_it = |id: &ImageId| images.iter().any(|image| image.id == *id && family.version_of(image).is_some());
    templates.retain(|template| image_of.get(&template.id).is_some_and(is_of_it));
    Ok(templates)
}

/// These versions of a template, each once; `resolve` puts the image in place of a parameter.
pub(super) async fn versions(
    session: &Session,
    scope: &Scope,
    template: &LaunchTemplate,
    mut numbers: Vec<u64>,
    resolve_alias: bool,
) -> Result<Vec<LaunchTemplateVersion>, Failure> {
    numbers.sort_unstable();
    numbers.dedup();
    let mut found: Vec<LaunchTemplateVersion> = Vec::with_capacity(numbers.len());
    if let Some(cloud) = session.of(scope.account) {
        let request = DescribeLaunchTemplateVersionsRequest {
            template_id: Some(template.id.clone()),
            versions: numbers.iter().map(ToString::to_string).collect(),
            resolve_alias,
            ..DescribeLaunchTemplateVersionsRequest::default()
        };
        let (_, result) = for_each_page::<DescribeLaunchTemplateVersions>(cloud, &scope.region, request, |page| {
            found.extend(page.versions);
        })
        .await;
        match result {
            Err(PageError::Call(error)) if error.class == ErrorClass::NotFound => {
                let why = format!("{} has no such version in {scope}: {}", template.name, error.message);
                return Err(Failure::error(why).hint("nothing was changed"));
            }
            other => other.map_err(|error| of_page(error, scope))?,
        }
    }
    match numbers.iter().find(|number| !found.iter().any(|version| version.number == **number)) {
        None => Ok(found),
        Some(missing) => Err(Failure::error(format!("{} has no version {missing} in {scope}", template.name))
            .hint("nothing was changed")),
    }
}

pub(super) fn of_page(error: PageError, scope: &Scope) -> Failure {
    match error {
        PageError::Call(error) => of_cloud(&error, &scope.region, None),
        other => Failure::error(format!("{scope}: {other}")),
    }
}
