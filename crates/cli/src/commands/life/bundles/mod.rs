//! `amictl bundles`.

mod delete;
mod gather;
mod named;

use amictl_collect::bundles::{BundleSearch, bundle_standing, find_bundles, read_bundle_images};
use amictl_model::Scope;
use amictl_report::BundleList;

use crate::args::{BundlesArgs, BundlesCommand, BundlesListArgs, Global};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// Lists bundles or deletes them.
pub(crate) async fn bundles(global: &Global, args: &BundlesArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        BundlesCommand::List(args) => list(global, args, terminal).await,
        BundlesCommand::Delete(args) => delete::delete(global, args, terminal).await,
    }
}

async fn list(global: &Global, args: &BundlesListArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let scopes = session.scopes();
    let concurrency = usize::from(global.concurrency);
    let images = read_bundle_images(&session, &scopes, concurrency).await;
    let home = home(&session)?;
    let search = BundleSearch {
        scopes: &scopes,
        buckets: &args.buckets,
        home: &home,
        all_versions: args.all_versions,
        concurrency,
    };
    let (mut found, unread) = find_bundles(&session, &search, &images).await;
    found.retain(|found| {
        let standing = bundle_standing(found, &images).0;
        args.standing.is_empty() || args.standing.iter().any(|wanted| wanted.standing() == standing)
    });
    let is_whole = unread.is_empty() && images.unread.is_empty();
    let list = BundleList { images: &images, found: &found, unread: &unread };
    terminal.report(|out, output| amictl_report::bundles(out, &list, output))?;
    Ok(if is_whole { Exit::Done } else { Exit::Partial })
}

/// Whose credentials look through buckets, and where their Regions are asked for.
fn home(session: &Session) -> Result<Scope, Failure> {
    let region = session.regions.first().cloned().ok_or_else(|| Failure::usage("no Region is named"))?;
    Ok(Scope { account: session.account, region })
}
