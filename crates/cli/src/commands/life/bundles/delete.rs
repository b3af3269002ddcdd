//! `amictl bundles delete`.

use std::time::Duration;

use amictl_collect::bundles::{BundleImages, read_bundle_images};
use amictl_model::{BundlePlace, Inventory, Region};
use amictl_plan::{Added, Bundling, Change, CommandInput, Emptied, Plan, StepId, Target, add_steps, build_command};
use amictl_report::PlanReport;
use amictl_state::save_plan_to;

use super::gather::{self, Going};
use super::{home, named};
use crate::args::{BundlesDeleteArgs, Global, RunArgs};
use crate::clock::{new_id, wall_clock};
use crate::commands::apply;
use crate::commands::life::carry_out::confirm;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::session::Session;
use crate::state;

/// The plan is carried out at once: it never gets this old, unless the clock jumps.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Deregisters instance-store images and deletes their bundles, or deletes bundles that no image is made of.
pub(super) async fn delete(global: &Global, args: &BundlesDeleteArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.delete_bucket != args.confirm_delete_bucket {
        return Err(Failure::usage("--delete-bucket and --confirm-delete-bucket name different buckets"));
    }
    let session = open(global, args, terminal).await?;
    let images = read_bundle_images(&session, &session.scopes(), usize::from(global.concurrency)).await;
    let (mut plan, inventory, (going, after)) = if args.images.is_empty() {
        let going = unused(&session, args, &images, terminal).await?;
        let mut plan = empty();
        let after = add_steps(&mut plan, going.iter().map(|going| added(going, Vec::new())));
        (plan, None, (going, after))
    } else {
        of_images(global, &session, args, &images, terminal).await?
    };
    if let Some(bucket) = &args.delete_bucket {
        add_bucket(&session, &mut plan, bucket, &going, after, terminal).await?;
    }
    if plan.steps.is_empty() {
        terminal.note("nothing to delete");
    }
    gather::tell_versions(&session, &going, terminal).await;
    carry_out(global, args, &session, &plan, inventory.as_ref(), terminal).await
}

/// A plan without steps.
fn empty() -> Plan {
    let clock = wall_clock();
    build_command(CommandInput { steps: Vec::new(), created_at: clock.now(), plan_id: new_id(&clock) })
}

/// The session, with the Regions of the buckets that are named: their images may be made of what is there.
async fn open(global: &Global, args: &BundlesDeleteArgs, terminal: &Terminal) -> Result<Session, Failure> {
    let session = Session::open(global, terminal).await?;
    let mut regions: Vec<Region> = session.regions.clone();
    for path in args.bucket.iter().chain(&args.orphans) {
        let region = gather::region_of(&session, &path.bucket).await?;
        regions.extend(region.filter(|region| !regions.contains(region)));
    }
    if regions.len() == session.regions.len() { Ok(session) } else { Session::open_in(global, regions, terminal).await }
}

/// The bundles without an image that were asked for.
async fn unused(
    session: &Session,
    args: &BundlesDeleteArgs,
    images: &BundleImages,
    terminal: &Terminal,
) -> Result<Vec<Going>, Failure> {
    let (Some(bucket), Some(name)) = (&args.bucket, &args.prefix) else {
        return gather::orphans(session, &args.orphans, images, args.all_versions, terminal).await;
    };
    let place = BundlePlace::of_image(&bucket.bucket, &bucket.prefix, name);
    let scope = home(session)?;
    let Some(going) = gather::one(session, &scope, &place, images, args.all_versions, terminal).await? else {
        return Ok(Vec::new());
    };
    if let Some(image) = images.of(&place).next() {
        let id = &image.image.id;
        return Err(Failure::refused(format!("{id} in {} is made of {place}", image.scope))
            .hint(format!("`amictl bundles delete {id}` deregisters it first; nothing was changed")));
    }
    if let Some(why) = images.doubt(&place.bucket, &going.region) {
        return Err(Failure::refused(format!("{place}: whether an image is made of it is not known: {why}"))
            .hint("nothing was changed"));
    }
    Ok(vec![going])
}

/// A plan, what it rests on, and the bundles that it deletes by which steps.
type Planned = (Plan, Option<Inventory>, (Vec<Going>, Vec<StepId>));

/// The images that were named, and their bundles after them.
async fn of_images(
    global: &Global,
    session: &Session,
    args: &BundlesDeleteArgs,
    images: &BundleImages,
    terminal: &Terminal,
) -> Result<Planned, Failure> {
    let found = named::find(global, session, &args.images, images, terminal).await?;
    if found.is_empty() {
        return Ok((empty(), None, (Vec::new(), Vec::new())));
    }
    let places = if args.keep_bundle { Default::default() } else { named::places(&found, images, terminal)? };
    let mut all = Vec::new();
    for (place, of_it) in &places {
        let Some(first) = of_it.first() else { continue };
        all.extend(gather::one(session, &first.scope, place, images, args.all_versions, terminal).await?);
    }
    let (mut plan, inventory) = named::plan(global, session, args, &found, terminal).await?;
    let steps: Vec<Added> = all
        .iter()
        .map(|going| {
            let of_it = places.get(&going.bundling.place);
            let is_of_it =
                |target: &Target| of_it.is_some_and(|images| images.iter().any(|image| *target == image.image.id));
            let after = plan.steps.iter().filter(|step| is_of_it(&step.target)).map(|step| step.id.clone());
            added(going, after.collect())
        })
        .collect();
    let after = add_steps(&mut plan, steps);
    Ok((plan, Some(inventory), (all, after)))
}

fn added(going: &Going, after: Vec<StepId>) -> Added {
    let change = Change::DeleteBundle(going.bundling.clone());
    Added { account: going.scope.account, region: going.region.clone(), change, after }
}

/// The bucket after its bundles.
async fn add_bucket(
    session: &Session,
    plan: &mut Plan,
    bucket: &str,
    going: &[Going],
    after: Vec<StepId>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let of_it = going.iter().find(|going| going.bundling.place.bucket == bucket);
    let account = of_it.map_or(session.account, |going| going.scope.account);
    let Some(region) = gather::region_of(session, bucket).await? else {
        terminal.note(&format!("bucket {bucket} is gone already"));
        return Ok(());
    };
    let change = Change::DeleteBucket(Emptied { bucket: bucket.into() });
    add_steps(plan, [Added { account, region, change, after }]);
    Ok(())
}

async fn carry_out(
    global: &Global,
    args: &BundlesDeleteArgs,
    session: &Session,
    plan: &Plan,
    inventory: Option<&Inventory>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    if args.change.dry_run || args.change.out.is_some() {
        let mut next = None;
        if let Some(out) = &args.change.out {
            save_plan_to(out, plan)?;
            next = Some(next::command(global, ["apply", &out.display().to_string()]));
        }
        let report = PlanReport { plan, inventory, all: false, caps_exceeded: &[], next };
        terminal.report(|out, output| amictl_report::plan(out, &report, output))?;
        return Ok(Exit::Done);
    }
    if plan.steps.is_empty() {
        return Ok(Exit::Done);
    }
    let state = state::open(global).await?;
    state.check_writable().await?;
    if !args.change.yes {
        confirm(&question(plan))?;
    }
    if let Some(inventory) = inventory {
        state.save_inventory(inventory).await?;
    }
    let run = RunArgs {
        yes: true,
        expect_account: args.change.expect_account,
        settle: if inventory.is_some() { args.settle } else { Duration::ZERO },
        max_age: MAX_AGE,
    };
    apply::carry_out_plan(global, &state, session, plan, &run, terminal).await.map(|applied| applied.exit)
}

/// What goes, in a sentence.
fn question(plan: &Plan) -> String {
    let changes: Vec<&Change> = plan.steps.iter().filter_map(|step| step.change.as_deref()).collect();
    let bundles: Vec<&Bundling> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DeleteBundle(bundling) => Some(bundling),
            _ => None,
        })
        .collect();
    let objects: usize = bundles.iter().map(|bundle| bundle.parts.len() + usize::from(bundle.manifest.is_some())).sum();
    let buckets = changes.len() - bundles.len();
    let mut what = Vec::new();
    for (count, one, many) in [
        (plan.steps.len() - changes.len(), "image deregistered", "images deregistered"),
        (bundles.len(), "bundle deleted", "bundles deleted"),
        (buckets, "bucket deleted", "buckets deleted"),
    ] {
        if count > 0 {
            what.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    }
    format!("{}, with {objects} objects of S3: nothing of it can come back", what.join(", "))
}
