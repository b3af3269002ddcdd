//! `amictl scan`, `list`, `show`, `refs`, `explain`.

use amictl_collect::estimate_scan;
use amictl_model::Inventory;
use amictl_policy::{Policy, judge};
use amictl_report::{EstimateReport, FindError, ImageEntry, ImageList, ImageReport, ScanReport, limit};
use amictl_state::Store;

use crate::args::{ExplainArgs, Global, ImageArgs, InventoryArgs, ListArgs, ScanArgs};
use crate::clock::wall_clock;
use crate::commands::apply::calls;
use crate::commands::plan;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::pipeline::{Take, load_policy, take_inventory};
use crate::progress::ScanProgress;
use crate::session::Session;
use crate::state;

/// Reads everything into a new inventory.
pub(crate) async fn scan(global: &Global, args: &ScanArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let state = state::open(global).await?;
    if args.dry_run {
        return dry_run(global, &policy, &state, terminal).await;
    }
    state.check_writable().await?;
    let session = Session::open(global, terminal).await?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let inventory = take(global, &session, &policy, now, terminal).await?;
    let file = state.save_inventory(&inventory).await?;
    let report = ScanReport { inventory: &inventory, calls: calls(&session), file };
    terminal.report(|out, output| amictl_report::scan(out, &report, output))?;
    // The process ends now: taking a million small things apart for that would only take time.
    std::mem::forget(inventory);
    Ok(Exit::Done)
}

/// Says what a scan would cost. Only whose credentials these are and which accounts and Regions there are is asked for.
async fn dry_run(global: &Global, policy: &Policy, state: &Store, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let last = state.latest_inventory().await?;
    let estimate = estimate_scan(&session.scopes(), &policy.references.not_used, last.as_ref());
    let report = EstimateReport {
        estimate: &estimate,
        inventory: last.as_ref().filter(|_| estimate.known > 0),
        concurrency: usize::from(global.concurrency),
    };
    terminal.report(|out, output| amictl_report::estimate(out, &report, output))?;
    Ok(Exit::Done)
}

/// Lists the images.
pub(crate) async fn list(global: &Global, args: &ListArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let is_judged = args.policy.is_some() || args.filter.needs_verdicts();
    let policy = if is_judged { load_policy(args.policy.as_deref(), terminal)? } else { Policy::built_in() };
    let inventory = inventory_of(global, &args.from, &policy, terminal).await?;
    let verdicts = if is_judged { judge(&policy, &inventory, now) } else { Vec::new() };
    let entries = if is_judged { ImageEntry::judged(&inventory, &verdicts) } else { ImageEntry::all(&inventory) };
    let mut selected = args.filter.filter().select(&inventory, entries, now);
    if let Some(key) = args.sort {
        key.order().sort(&mut selected.entries, args.reverse);
    }
    limit(&mut selected, args.limit);
    let list = ImageList { inventory: &inventory, now, entries: selected.entries, notes: selected.notes };
    terminal.report(|out, output| amictl_report::images(out, &list, output))?;
    Ok(Exit::Done)
}

/// Shows one image.
pub(crate) async fn show(global: &Global, args: &ImageArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let inventory = inventory_of(global, &args.from, &Policy::built_in(), terminal).await?;
    let entry = find(&inventory, &args.image)?;
    let next = Some(next::command(global, ["explain", entry.image.id.as_str()]));
    let report = ImageReport { inventory: &inventory, entry, now: wall_clock().now(), steps: Vec::new(), next };
    terminal.report(|out, output| amictl_report::image(out, &report, output))?;
    Ok(Exit::Done)
}

/// Lists the uses of one image.
pub(crate) async fn refs(global: &Global, args: &ImageArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let inventory = inventory_of(global, &args.from, &Policy::built_in(), terminal).await?;
    let entry = find(&inventory, &args.image)?;
    terminal.report(|out, output| amictl_report::refs(out, &inventory, &entry, output))?;
    Ok(Exit::Done)
}

/// Says what becomes of an image and why.
pub(crate) async fn explain(global: &Global, args: &ExplainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let now = args.now.unwrap_or_else(|| wall_clock().now());
    let inventory = match &args.image.from.inventory {
        Some(name) => state::open(global).await?.load_inventory(name).await?,
        None => {
            let session = session_for(global, &args.image.image, terminal).await?;
            take(global, &session, &policy, now, terminal).await?
        }
    };
    let entry = find(&inventory, &args.image.image)?;
    let verdicts = judge(&policy, &inventory, now);
    let entry = verdicts
        .iter()
        .filter_map(|verdict| ImageEntry::of(&inventory, verdict))
        .find(|judged| std::ptr::eq(judged.image, entry.image))
        .ok_or_else(|| Failure::error(format!("{} was not judged", args.image.image)))?;
    let plan = plan::make(&policy, &inventory, now, None);
    let steps = plan.steps.iter().filter(|step| step.target == entry.image.id).collect();
    let report = ImageReport { inventory: &inventory, entry, now, steps, next: None };
    terminal.report(|out, output| amictl_report::image(out, &report, output))?;
    Ok(Exit::Done)
}

pub(super) async fn take(
    global: &Global,
    session: &Session,
    policy: &Policy,
    now: amictl_model::Moment,
    terminal: &Terminal,
) -> Result<Inventory, Failure> {
    let progress = ScanProgress::new(terminal, session.scope_count());
    let take = Take::new(global, now);
    take_inventory(session, &wall_clock(), policy, take, &progress).await
}

/// The evidence is read afresh; only where the image lives may be known from the newest inventory.
async fn session_for(global: &Global, image: &str, terminal: &Terminal) -> Result<Session, Failure> {
    if global.region.is_empty()
        && let Some(inventory) = state::open(global).await?.latest_inventory().await?
        && let Ok(entry) = find(&inventory, image)
    {
        return Session::open_in(global, vec![entry.scope.scope.region.clone()], terminal).await;
    }
    Session::open(global, terminal).await
}

/// The inventory that was named, the newest one, or a new one.
pub(super) async fn inventory_of(
    global: &Global,
    args: &InventoryArgs,
    policy: &Policy,
    terminal: &Terminal,
) -> Result<Inventory, Failure> {
    let state = state::open(global).await?;
    if let Some(name) = &args.inventory {
        return Ok(state.load_inventory(name).await?);
    }
    // Regions that were asked for may not be in the newest inventory.
    if global.region.is_empty()
        && let Some(inventory) = state.latest_inventory().await?
    {
        terminal.note(&format!("inventory {} of {}", inventory.id, inventory.created_at));
        return Ok(inventory);
    }
    let session = Session::open(global, terminal).await?;
    let inventory = take(global, &session, policy, wall_clock().now(), terminal).await?;
    state.save_inventory(&inventory).await?;
    Ok(inventory)
}

/// The image where it stands.
pub(super) fn find<'a>(inventory: &'a Inventory, id_or_name: &str) -> Result<ImageEntry<'a>, Failure> {
    ImageEntry::find(inventory, id_or_name).map_err(|error| match error {
        FindError::Nowhere(_) => {
            let scopes: Vec<String> = inventory.scopes.iter().map(|scope| scope.scope.to_string()).collect();
            Failure::error(format!("{id_or_name} is not among the images of {}", scopes.join(", ")))
                .hint("give its id or its whole name; look in another Region with --region, or scan again")
        }
        several @ FindError::Several { .. } => Failure::usage(several.to_string()).hint("give its id"),
    })
}
