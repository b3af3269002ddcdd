//! `amictl deprecate`, `undeprecate`, `disable`, `enable`, `protect` and `unprotect`.

use std::time::Duration;

use amictl_apply::{JournalCall, StepResult};
use amictl_cloud::ops::{DescribeImageReferences, DescribeImageReferencesRequest};
use amictl_cloud::{Clouds, for_each_page};
use amictl_model::{ImageId, ImageState, Moment, Scope};
use amictl_plan::{Action, Change, CommandStep};

use super::carry_out::{Wanted, carry_out};
use super::targets::{Target, find};
use crate::args::{ChangeArgs, DeprecateArgs, Global, PlainArgs, ProtectArgs, TargetArgs};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::session::Session;
use crate::state;

const MINUTE_MS: i64 = 60_000;
/// `DescribeImageReferences` takes so many images.
const IMAGES_PER_CALL_MAX: usize = 10;

/// Deprecates images from a time on.
pub(crate) async fn deprecate(global: &Global, args: &DeprecateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = wall_clock().now();
    let (at, or_earlier) = match (args.at, args.after) {
        (Some(at), _) if at <= now => {
            return Err(Failure::usage(format!("--at: {at} is over; EC2 deprecates from now on at the earliest")));
        }
        (Some(at), _) => (whole_minute(at), false),
        (None, after) => (in_time(now, after.unwrap_or_default()), true),
    };
    let change = Change::Deprecate { at, or_earlier };
    let (_, targets) = look(global, &args.targets, &change, terminal).await?;
    for target in targets.iter().filter(|target| target.image.public) {
        terminal.note(&format!(
            "{} is public: EC2 deprecates it two years after it was made at the latest, and lets nobody take that back while it is",
            target.image.id
        ));
    }
    each(global, &args.change, &targets, change, None, terminal).await
}

/// Takes deprecations back.
pub(crate) async fn undeprecate(global: &Global, args: &PlainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let (_, targets) = look(global, &args.targets, &Change::Undeprecate, terminal).await?;
    each(global, &args.change, &targets, Change::Undeprecate, None, terminal).await
}

/// Disables images.
pub(crate) async fn disable(global: &Global, args: &PlainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let (session, targets) = look(global, &args.targets, &Change::Disable, terminal).await?;
    warn_of_uses(global, &session, &targets, terminal).await;
    let open = targets.iter().filter(|target| target.image.state != ImageState::Disabled).count();
    let question = (open > 0).then(|| {
        let images = if open == 1 { "1 image".to_owned() } else { format!("{open} images") };
        format!("{images} will be disabled: launches fail, and nobody they were shared with sees them any more")
    });
    each(global, &args.change, &targets, Change::Disable, question, terminal).await
}

/// Enables images.
pub(crate) async fn enable(global: &Global, args: &PlainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let (_, targets) = look(global, &args.targets, &Change::Enable, terminal).await?;
    for target in targets.iter().filter(|target| target.image.state == ImageState::Disabled) {
        let id = &target.image.id;
        match run_that_disabled(global, id).await {
            Some(run) => {
                let undo = next::command(global, ["undo", &run, "--step", id.as_str()]);
                terminal.note(&format!(
                    "{id} will be shared with nobody; `{undo}` would give back the launch permissions that it had"
                ));
            }
            None => terminal.note(&format!("{id} will be shared with nobody: `amictl share` says with whom")),
        }
    }
    each(global, &args.change, &targets, Change::Enable, None, terminal).await
}

/// Protects images from being deregistered.
pub(crate) async fn protect(global: &Global, args: &ProtectArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let change = Change::Protect { with_cooldown: args.cooldown };
    let (_, targets) = look(global, &args.targets, &change, terminal).await?;
    each(global, &args.change, &targets, change, None, terminal).await
}

/// Takes the protection away.
pub(crate) async fn unprotect(global: &Global, args: &PlainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let (_, targets) = look(global, &args.targets, &Change::Unprotect, terminal).await?;
    each(global, &args.change, &targets, Change::Unprotect, None, terminal).await
}

async fn look(
    global: &Global,
    targets: &TargetArgs,
    change: &Change,
    terminal: &Terminal,
) -> Result<(Session, Vec<Target>), Failure> {
    let session = Session::open(global, terminal).await?;
    // What stops launches is not left to whatever a query finds today.
    let ids = if *change == Change::Disable { targets.ids()? } else { targets.resolved(&session).await? };
    let targets = find(&session, &ids, change.reads_permissions(), terminal).await?;
    Ok((session, targets))
}

/// Does the same to each image.
async fn each(
    global: &Global,
    args: &ChangeArgs,
    targets: &[Target],
    change: Change,
    question: Option<String>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let step = |target| step_of(target, change.clone());
    let wanted = Wanted { steps: targets.iter().map(step).collect(), question };
    carry_out(global, args, wanted, terminal).await
}

/// The step that does this to the image, where it is.
pub(super) fn step_of(target: &Target, change: Change) -> CommandStep<'_> {
    let Scope { account, region } = target.scope.clone();
    CommandStep { account, region, image: &target.image, change }
}

/// EC2 rounds to minutes, and what it rounds to the past it refuses.
pub(super) fn whole_minute(at: Moment) -> Moment {
    Moment::from_millis((at.as_millis() + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS)
}

/// The first whole minute that is so long from now; the next one at the earliest.
pub(super) fn in_time(now: Moment, after: Duration) -> Moment {
    whole_minute(now.plus_secs(i64::try_from(after.as_secs()).unwrap_or(i64::MAX / 2_000_000).max(1)))
}

/// Says what uses images that are to be disabled, as far as EC2 knows: that does not stop it.
async fn warn_of_uses(global: &Global, session: &Session, targets: &[Target], terminal: &Terminal) {
    let scopes: std::collections::BTreeSet<&Scope> = targets.iter().map(|target| &target.scope).collect();
    for scope in scopes {
        let Some(cloud) = session.of(scope.account) else { continue };
        let here: Vec<ImageId> =
            targets.iter().filter(|target| target.scope == *scope).map(|target| target.image.id.clone()).collect();
        for images in here.chunks(IMAGES_PER_CALL_MAX) {
            let request = DescribeImageReferencesRequest { images: images.to_vec(), next_token: None };
            let mut uses = Vec::new();
            let (_, result) = for_each_page::<DescribeImageReferences>(cloud, &scope.region, request, |page| {
                uses.extend(page.references);
            })
            .await;
            for image in images {
                let of_image: Vec<&str> =
                    uses.iter().filter(|one| one.image == image.as_str()).map(|one| one.arn.as_str()).collect();
                if let [first, more @ ..] = &of_image[..] {
                    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
                    terminal.note(&format!("{image} is used by {first}{more}: what launches it fails then"));
                }
            }
            if let Err(error) = result {
                let refs = next::command(global, ["refs", images[0].as_str()]);
                terminal.note(&format!("what uses the images was not looked at: {error}; `{refs}` lists every use"));
            }
        }
    }
}

/// The newest run in the state whose undo would enable this image, with the launch permissions that it had.
async fn run_that_disabled(global: &Global, image: &ImageId) -> Option<String> {
    let state = state::open(global).await.ok()?;
    for run_id in state.run_ids().await.ok()?.into_iter().rev() {
        // A run that cannot be read says nothing.
        let Ok(run) = state.load_run(&run_id).await else { continue };
        let is_it = run.plan.steps.iter().filter(|step| step.target == *image).any(|step| {
            let disabled = step.action == Action::Disable || step.action == Action::Deregister;
            let did = run.replay.steps.get(step.id.as_str()).is_some_and(|state| state.is_done(&JournalCall::Disable));
            let undone = matches!(run.undone.get(step.id.as_str()), Some(StepResult::Returned { .. }));
            disabled && did && !undone
        });
        if is_it {
            return Some(run_id);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_minutes_that_are_not_over() {
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let now = at("2026-11-21T09:00:20Z");
        assert_eq!(in_time(now, Duration::ZERO), at("2026-11-21T09:01:00Z"));
        assert_eq!(in_time(now, Duration::from_secs(86_400)), at("2026-11-22T09:01:00Z"));
        assert_eq!(whole_minute(at("2026-11-21T09:00:00Z")), at("2026-11-21T09:00:00Z"));
    }
}
