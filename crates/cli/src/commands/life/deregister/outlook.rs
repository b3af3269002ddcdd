//! What will go, and until when it could come back.

use std::collections::BTreeMap;

use amictl_cloud::Clouds;
use amictl_collect::{Recovery, read_recovery};
use amictl_model::{Inventory, Scope};
use amictl_plan::{Plan, Step};

use crate::output::Terminal;
use crate::session::Session;

/// Tells each image that will go, and until when it could come back; the question that sums it up.
pub(super) async fn question(session: &Session, plan: &Plan, inventory: &Inventory, terminal: &Terminal) -> String {
    let mut rules: BTreeMap<Scope, Recovery> = BTreeMap::new();
    let mut lost = 0;
    for step in &plan.steps {
        let scope = Scope { account: step.account, region: step.region.clone() };
        if !rules.contains_key(&scope)
            && let Some(cloud) = session.of(scope.account)
        {
            rules.insert(scope.clone(), read_recovery(cloud, &scope.region).await);
        }
        let back = match days(step, rules.get(&scope), inventory) {
            Ok(0) => {
                lost += 1;
                "it cannot come back".to_owned()
            }
            Ok(1) => "it can come back for 1 day, from the Recycle Bin".to_owned(),
            Ok(days) => format!("it can come back for {days} days, from the Recycle Bin"),
            Err(why) => {
                lost += 1;
                format!("whether it can come back is not known: {why}")
            }
        };
        let (going, staying): (Vec<_>, Vec<_>) = step.snapshots.iter().partition(|snapshot| snapshot.delete);
        let name = plan.verdict_of(step.image()).map(|verdict| &*verdict.name).unwrap_or_default();
        terminal.note(&format!(
            "{} {name} in {}: {} of its snapshots go, {} stay; {back}",
            step.target,
            step.region,
            going.len(),
            staying.len()
        ));
    }
    let images = counted(plan.steps.len() as u64, "image", "images");
    let snapshots = counted(plan.snapshots_deleted(), "snapshot", "snapshots");
    let back = match lost {
        0 => "all of it can be restored from the Recycle Bin for a while".to_owned(),
        lost if lost == plan.steps.len() => "nothing of it is sure to come back".to_owned(),
        lost => format!("{lost} of them are not sure to come back"),
    };
    format!("{images} will be deregistered and {snapshots} deleted; {back}")
}

fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// The days for which the Recycle Bin keeps the image and every snapshot that goes with it; 0 where it keeps one of them not at all.
fn days(step: &Step, rules: Option<&Recovery>, inventory: &Inventory) -> Result<u64, String> {
    let rules = rules.ok_or_else(|| format!("there are no credentials for account {}", step.account))?;
    let mut least = rules.days_of_image(&step.expects.tags)?;
    let scope = inventory
        .scopes
        .iter()
        .find(|scope| scope.scope.account == step.account && scope.scope.region == step.region)
        .ok_or("its Region was not read")?;
    for snapshot in step.snapshots.iter().filter(|snapshot| snapshot.delete) {
        let seen = scope.snapshot(&snapshot.id).ok_or_else(|| format!("{} was not seen", snapshot.id))?;
        least = least.min(rules.days_of_snapshot(&seen.tags)?);
    }
    Ok(least)
}
