//! `amictl version`.

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_cloud::{Clouds, for_each_page};
use amictl_model::{Image, ImageState, Scope};
use amictl_policy::{VersionedFamily, next_version};
use amictl_report::{VersionList, VersionNext};

use super::templates::of_page;
use crate::args::{Global, OutputFormat, VersionArgs, VersionCommand, VersionNextArgs, VersionedArgs};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::load_policy;
use crate::session::Session;

/// Lists the versions of a family, or says which one comes next; changes nothing.
pub(crate) async fn version(global: &Global, args: &VersionArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        VersionCommand::List(args) => list(global, &args.of, terminal).await,
        VersionCommand::Next(args) => next(global, args, terminal).await,
    }
}

async fn list(global: &Global, args: &VersionedArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let family = family(args, terminal)?;
    let session = Session::open(global, terminal).await?;
    let images = images(&session, &family).await?;
    let scopes = session.scopes();
    let list = VersionList::of(&family, &scopes, &images);
    terminal.report(|out, output| amictl_report::versions(out, &list, output))?;
    Ok(Exit::Done)
}

async fn next(global: &Global, args: &VersionNextArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let scheme = args.scheme().ok_or_else(|| Failure::usage("--bump is for --scheme semver"))?;
    let family = family(&args.of, terminal)?;
    let session = Session::open(global, terminal).await?;
    let images = images(&session, &family).await?;
    let mut versions: Vec<&str> = images.iter().filter_map(|(_, image)| family.version_of(image)).collect();
    versions.sort_unstable();
    versions.dedup();
    let today = wall_clock().now().to_timestamp().strftime("%Y%m%d").to_string();
    let next = next_version(scheme, &versions, &today).map_err(Failure::error)?;
    if matches!(terminal.format, OutputFormat::Table | OutputFormat::Markdown) {
        terminal.print(&next)?;
        return Ok(Exit::Done);
    }
    let name = family.name_of(&next);
    let next = VersionNext { version: &next, name: name.as_deref(), versions_there: versions.len() };
    terminal.report(|out, output| amictl_report::version_next(out, &next, output))?;
    Ok(Exit::Done)
}

fn family(args: &VersionedArgs, terminal: &Terminal) -> Result<VersionedFamily, Failure> {
    let family = match &args.policy {
        None => VersionedFamily::of_pattern(&args.family).map_err(|error| Failure::usage(format!("FAMILY: {error}"))),
        Some(file) => {
            let policy = load_policy(Some(file), terminal)?;
            match policy.families.iter().find(|family| *family.name == *args.family) {
                Some(family) => VersionedFamily::of_family(family).map_err(Failure::usage),
                None => {
                    let names: Vec<&str> = policy.families.iter().map(|family| &*family.name).collect();
                    let why = format!("{} has no family {}", file.display(), args.family);
                    Err(Failure::usage(why).hint(format!("it has {}", names.join(", "))))
                }
            }
        }
    }?;
    Ok(match &args.tag {
        Some(key) => family.versioned_by_tag(key),
        None => family,
    })
}

/// The images of the family that are there, or will be.
async fn images(session: &Session, family: &VersionedFamily) -> Result<Vec<(Scope, Image)>, Failure> {
    let mut found = Vec::new();
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let names = family.name_filter().into_iter().collect();
        let request = DescribeImagesRequest { names, ..DescribeImagesRequest::default() };
        let is_it = |image: &Image| {
            let is_gone = matches!(image.state, ImageState::Deregistered | ImageState::Failed);
            !is_gone && family.version_of(image).is_some()
        };
        let (_, result) = for_each_page::<DescribeImages>(cloud, &scope.region, request, |page| {
            found.extend(page.images.into_iter().filter(is_it).map(|image| (scope.clone(), image)));
        })
        .await;
        result.map_err(|error| of_page(error, &scope))?;
    }
    Ok(found)
}
