//! `amictl find`.

use std::cmp::Reverse;

use amictl_model::{Image, Scope};
use amictl_report::FoundImage;

use super::resolve::{find_in, newest, resolve_in};
use super::targets::find_launchable;
use crate::args::{FindArgs, Global, ImageRef};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// Lists images that can be launched, whoever owns them.
pub(crate) async fn find(global: &Global, args: &FindArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let mut found: Vec<(String, Scope, Image)> = Vec::new();
    for scope in session.scopes() {
        for query in &args.queries {
            let images = images(&session, &scope, query, args.all, terminal).await?;
            found.extend(images.into_iter().map(|image| (query.to_string(), scope.clone(), image)));
        }
    }
    let rows: Vec<FoundImage<'_>> =
        found.iter().map(|(query, scope, image)| FoundImage { query, scope, image }).collect();
    terminal.report(|out, output| amictl_report::found(out, &rows, output))?;
    if found.is_empty() {
        return Err(Failure::error("no image was found").hint("deprecated images of others are not looked at"));
    }
    Ok(Exit::Done)
}

/// What a query finds in one account and Region.
async fn images(
    session: &Session,
    scope: &Scope,
    query: &ImageRef,
    all: bool,
    terminal: &Terminal,
) -> Result<Vec<Image>, Failure> {
    let ImageRef::Newest(asked) = query else {
        let id = resolve_in(session, scope, query).await?;
        let found = find_launchable(session, &[id], terminal).await?;
        return Ok(found.into_iter().filter(|target| target.scope == *scope).map(|target| target.image).collect());
    };
    let mut images = find_in(session, scope, asked).await?;
    images.sort_by_cached_key(|image| (Reverse(image.created_at), image.id.clone()));
    if all {
        return Ok(images);
    }
    Ok(newest(&images).into_values().flatten().cloned().collect())
}
