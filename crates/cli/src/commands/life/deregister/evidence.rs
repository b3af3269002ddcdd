//! What is known of the uses of named images, and the plan that follows from it.

use std::collections::BTreeSet;

use amictl_collect::{ImageRequest, read_launch_permissions};
use amictl_model::{Inventory, LaunchPermissions, Moment, Reference, Source};
use amictl_plan::{Plan, PlanInput, build_named};
use amictl_policy::{NAMED_FAMILY, Policy, is_kept_for_use, judge};

use crate::args::Global;
use crate::clock::{new_id, wall_clock};
use crate::exit::Failure;
use crate::identity;
use crate::output::Terminal;
use crate::pipeline::{Take, look_closer, scan_all};
use crate::progress::ScanProgress;
use crate::session::Session;

/// The evidence, and the plan that rests on it.
pub(in crate::commands::life) struct Evidence {
    pub(in crate::commands::life) inventory: Inventory,
    pub(in crate::commands::life) plan: Plan,
    /// Whether an image stays for nothing but its uses.
    pub(in crate::commands::life) can_be_overruled: bool,
}

/// Scans as `plan` does, with the named images as those that are to go.
pub(in crate::commands::life) async fn read(
    global: &Global,
    session: &Session,
    policy: Policy,
    even_if_used: Option<&str>,
    ending: &BTreeSet<String>,
    terminal: &Terminal,
) -> Result<Evidence, Failure> {
    let clock = wall_clock();
    let progress = ScanProgress::new(terminal, session.scope_count());
    let take = Take::new(global, clock.now());
    let mut inventory = scan_all(session, &clock, &policy, &take, &progress).await?;
    // These will have ended by then; what else uses the images is looked at before they do.
    let ends = |reference: &Reference| {
        matches!(reference.source, Source::Instances | Source::InstanceImageMetadata)
            && ending.contains(reference.resource.as_str())
    };
    for scope in inventory.scopes.iter_mut().filter(|_| !ending.is_empty()) {
        scope.references.retain(|reference| !ends(reference));
    }
    // EC2's own list still names the instances.
    let closer = if ending.is_empty() { policy.clone() } else { without_witness(&policy) };
    look_closer(session, &clock, &closer, &mut inventory, &take, &progress).await;
    // Whom a used image is shared with decides nothing, so nobody has asked yet; undoing gives it back.
    if even_if_used.is_some() {
        let requests = ImageRequest::of(unread_permissions(&policy, &inventory, clock.now()));
        read_launch_permissions(session, &clock, &mut inventory, &requests, take.concurrency, &progress).await;
    }
    let planned_by = identity::planner(global, session, terminal).await;
    let now = clock.now();
    let verdicts = judge(&policy, &inventory, now);
    let can_be_overruled =
        verdicts.iter().any(|verdict| verdict.family.as_deref() == Some(NAMED_FAMILY) && is_kept_for_use(verdict));
    let input = PlanInput {
        policy: &policy,
        policy_digest: policy.digest(),
        inventory: &inventory,
        verdicts,
        created_at: now,
        now,
        plan_id: new_id(&clock),
        planned_by,
    };
    let plan = build_named(input, even_if_used);
    Ok(Evidence { inventory, plan, can_be_overruled: can_be_overruled && even_if_used.is_none() })
}

/// The named images, as (scope, image) indices, whose launch permissions have not been read.
fn unread_permissions(policy: &Policy, inventory: &Inventory, now: Moment) -> Vec<(u32, u32)> {
    let is_unread = |scope: u32, image: u32| {
        let image = inventory.scopes.get(scope as usize).and_then(|scope| scope.images.get(image as usize));
        image.is_some_and(|image| image.launch_permissions == LaunchPermissions::Unread)
    };
    judge(policy, inventory, now)
        .iter()
        .filter(|verdict| verdict.family.as_deref() == Some(NAMED_FAMILY) && is_unread(verdict.scope, verdict.image))
        .map(|verdict| (verdict.scope, verdict.image))
        .collect()
}

/// The same policy that does not ask EC2 for its second opinion.
fn without_witness(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    policy.references.not_used.push(Source::ImageReferences);
    policy
}
