//! `amictl deregister`: named images through a plan, with the evidence of `plan` and the fence of `apply`.

pub(super) mod evidence;
mod outlook;

use std::collections::BTreeSet;
use std::time::Duration;

use amictl_model::{ImageId, Inventory, Region};
use amictl_plan::{Plan, PlanDecision, PlanVerdict};
use amictl_policy::{Naming, SnapshotRule};
use amictl_report::PlanReport;
use amictl_state::save_plan_to;

use super::carry_out::confirm;
use super::gone;
use super::named::by_name;
use super::targets::{Looked, Target, look_everywhere, not_found, read};
use super::terminate::{Launched, end, launched_from};
use crate::args::{ChangeArgs, DeregisterArgs, Global, RunArgs};
use crate::commands::apply;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::pipeline::load_policy;
use crate::session::Session;
use crate::state;
use evidence::Evidence;

/// A plan of named images is carried out at once: it never gets this old, unless the clock jumps.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Deregisters named images.
pub(crate) async fn deregister(global: &Global, args: &DeregisterArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let session = Session::open(global, terminal).await?;
    let targets = targets(global, args, &session, terminal).await?;
    if targets.is_empty() {
        terminal.note("nothing to deregister");
        return nothing(args, terminal);
    }
    let naming = Naming {
        images: targets.iter().map(|target| target.image.id.clone()).collect(),
        snapshots: if args.delete_snapshots { SnapshotRule::Delete } else { SnapshotRule::Keep },
        require_recycle_bin: args.require_recycle_bin,
        takes_bundles: false,
    };
    let regions: BTreeSet<Region> = targets.iter().map(|target| target.scope.region.clone()).collect();
    // What uses an image is in its own Region.
    let session = if regions.len() < session.regions.len() {
        Session::open_in(global, regions.into_iter().collect(), terminal).await?
    } else {
        session
    };
    let policy = policy.for_named(naming);
    let launched = if args.terminate_instances {
        let ids: Vec<ImageId> = targets.iter().map(|target| target.image.id.clone()).collect();
        launched_from(&session, &ids).await?
    } else {
        Vec::new()
    };
    let ending: BTreeSet<String> = launched.iter().map(|launched| launched.id().to_owned()).collect();
    let why = args.even_if_used.as_deref();
    let Evidence { inventory, plan, can_be_overruled } =
        evidence::read(global, &session, policy.clone(), why, &ending, terminal).await?;
    let refused = self::refused(&plan, &targets, terminal)?;
    if args.even_if_used.is_some() {
        tell_unread(&plan, terminal);
    }
    let is_refused = refused > 0 && (!args.skip_used || plan.steps.is_empty());
    if args.change.dry_run {
        tell_ending(&launched, terminal);
        let is_refused = is_refused || launched.iter().any(|launched| launched.refused.is_some());
        show(global, args, &plan, &inventory, terminal)?;
        return Ok(if is_refused { Exit::Refused } else { Exit::Done });
    }
    if is_refused {
        return Err(refusal(refused, targets.len(), can_be_overruled));
    }
    let question = outlook::question(&session, &plan, &inventory, terminal).await;
    if args.change.out.is_some() {
        show(global, args, &plan, &inventory, terminal)?;
        return Ok(Exit::Done);
    }
    let state = state::open(global).await?;
    state.check_writable().await?;
    if !args.change.yes {
        confirm(&question)?;
    }
    let (inventory, plan, refused) = if launched.is_empty() {
        (inventory, plan, refused)
    } else {
        let ask = ChangeArgs { yes: args.yes_terminate, ..args.change.clone() };
        let exit = end(global, &ask, launched, false, &terminal.of_part()).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
        // The instances have ended; whatever began to use the images meanwhile keeps them.
        let Evidence { inventory, plan, can_be_overruled } =
            evidence::read(global, &session, policy, why, &BTreeSet::new(), terminal).await?;
        let refused = self::refused(&plan, &targets, terminal)?;
        if refused > 0 && (!args.skip_used || plan.steps.is_empty()) {
            let hint = "the instances were terminated, and no image was changed";
            return Err(refusal(refused, targets.len(), can_be_overruled).hint(hint));
        }
        (inventory, plan, refused)
    };
    state.save_inventory(&inventory).await?;
    let run = RunArgs { yes: true, expect_account: args.change.expect_account, settle: args.settle, max_age: MAX_AGE };
    let applied = apply::carry_out_plan(global, &state, &session, &plan, &run, terminal).await?;
    Ok(if refused == 0 { applied.exit } else { applied.exit.or(Exit::Partial) })
}

/// The images that were named and are there; those that are known to be gone are told.
async fn targets(
    global: &Global,
    args: &DeregisterArgs,
    session: &Session,
    terminal: &Terminal,
) -> Result<Vec<Target>, Failure> {
    let mut ids = args.images.clone();
    if let Some(file) = &args.from_file {
        ids.extend(read(file)?);
    }
    let (by_name, nameless) = by_name(session, &args.name).await?;
    ids.extend(by_name);
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    if ids.is_empty() && nameless.is_empty() {
        return Err(Failure::usage("the file names no image"));
    }
    let Looked { mut found, failures } = look_everywhere(session, &ids).await;
    let mut missing: Vec<String> =
        ids.iter().filter(|id| !found.contains_key(*id)).map(ToString::to_string).chain(nameless).collect();
    if !missing.is_empty() && failures.is_empty() {
        let gone = gone::known(global, session, &missing).await;
        for (image, why) in &gone {
            terminal.note(&format!("{image} is gone already: {why}"));
        }
        missing.retain(|image| !gone.contains_key(image));
    }
    if !missing.is_empty() && (!args.allow_missing || !failures.is_empty()) {
        let failure = not_found(session, &missing, &failures);
        return Err(if failures.is_empty() {
            Failure {
                hint: Some(
                    "look in all Regions with --region all, or let it be with --allow-missing; nothing was changed"
                        .into(),
                ),
                ..failure
            }
        } else {
            failure
        });
    }
    for image in &missing {
        terminal.note(&format!("{image} is nowhere to be found"));
    }
    for (scope, error) in &failures {
        terminal.note(&format!("{scope}: {error}"));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// How many named images stay, each of them told.
fn refused(plan: &Plan, targets: &[Target], terminal: &Terminal) -> Result<usize, Failure> {
    let judged: BTreeSet<&ImageId> = plan.named_verdicts().map(|verdict| &verdict.image_id).collect();
    if let Some(target) = targets.iter().find(|target| !judged.contains(&target.image.id)) {
        let why = format!("{} was seen and is not among the images of {} now", target.image.id, target.scope);
        return Err(Failure::error(why).hint("run it again; nothing was changed"));
    }
    let refused: Vec<&PlanVerdict> =
        plan.named_verdicts().filter(|verdict| verdict.decision != PlanDecision::Retire).collect();
    for verdict in &refused {
        let why: Vec<String> = verdict.reasons.iter().map(ToString::to_string).collect();
        terminal.say(&format!("{} {} in {} stays: {}", verdict.image_id, verdict.name, verdict.region, why.join("; ")));
    }
    Ok(refused.len())
}

/// What would be terminated, and what would not.
fn tell_ending(launched: &[Launched], terminal: &Terminal) {
    for launched in launched {
        match &launched.refused {
            Some(why) => terminal.say(&format!("{} stays: {why}", launched.describe())),
            None => terminal.note(&format!("{} will end", launched.describe())),
        }
    }
}

fn refusal(refused: usize, named: usize, can_be_overruled: bool) -> Failure {
    let images = if named == 1 { "the image".to_owned() } else { format!("{refused} of the {named} images") };
    let hint = match (can_be_overruled, named > refused) {
        (true, true) => "--skip-used goes on with the others, --even-if-used REASON with all that are only used",
        (true, false) => "--even-if-used REASON goes on all the same",
        (false, true) => "--skip-used goes on with the others",
        (false, false) => "`amictl explain AMI` has all evidence",
    };
    let stays = if refused == 1 || named == 1 { "stays" } else { "stay" };
    Failure::refused(format!("{images} {stays}, as was said above")).hint(format!("{hint}; nothing was changed"))
}

/// What could not be read is told also where it does not matter.
fn tell_unread(plan: &Plan, terminal: &Terminal) {
    for coverage in plan.coverage.iter().filter(|coverage| coverage.status != amictl_model::CoverageStatus::Complete) {
        terminal.say(&format!(
            "{} of {}/{} were not read whole ({}): what uses the images there is not known",
            coverage.source, coverage.account, coverage.region, coverage.detail
        ));
    }
}

fn show(
    global: &Global,
    args: &DeregisterArgs,
    plan: &Plan,
    inventory: &Inventory,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let mut next = None;
    if let Some(out) = &args.change.out {
        save_plan_to(out, plan)?;
        next = Some(next::command(global, ["apply", &out.display().to_string()]));
    }
    let report = PlanReport { plan, inventory: Some(inventory), all: false, caps_exceeded: &[], next };
    terminal.report(|out, output| amictl_report::plan(out, &report, output))
}

/// A plan without steps, for whoever reads the output.
fn nothing(args: &DeregisterArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let clock = crate::clock::wall_clock();
    let input =
        amictl_plan::CommandInput { steps: Vec::new(), created_at: clock.now(), plan_id: crate::clock::new_id(&clock) };
    let plan = amictl_plan::build_command(input);
    if let Some(out) = &args.change.out {
        save_plan_to(out, &plan)?;
    }
    if !matches!(terminal.format, crate::args::OutputFormat::Table) {
        let report = PlanReport { plan: &plan, inventory: None, all: false, caps_exceeded: &[], next: None };
        terminal.report(|out, output| amictl_report::plan(out, &report, output))?;
    }
    Ok(Exit::Done)
}
