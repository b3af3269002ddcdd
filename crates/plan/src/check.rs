//! What no plan may say: contradictions that a digest does not show, as anyone can compute one.

use std::collections::{HashMap, HashSet};

use compact_str::CompactString;

use crate::{Action, Change, Plan, PlanDecision, SnapshotDeletion, Step};

impl Plan {
    /// Checks that verdicts and steps fit together; the error is a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut stages = HashMap::new();
        for verdict in &self.verdicts {
            let id = &verdict.image_id;
            if (verdict.decision == PlanDecision::Retire) != verdict.stage.is_some() {
                return Err(format!(
                    "the verdict on {id} has a stage without being `retire`, or is `retire` without one"
                ));
            }
            if verdict.reasons.is_empty() {
                return Err(format!("the verdict on {id} has no reason"));
            }
            if stages.insert((verdict.account, &verdict.region, id), (verdict.decision, verdict.stage)).is_some() {
                return Err(format!("{id} has two verdicts"));
            }
        }
        let mut steps_before = HashSet::new();
        let mut targets = HashSet::new();
        for step in &self.steps {
            let target = (step.account, &step.region, &step.target);
            let image = (step.account, &step.region, step.image());
            if let Some(change) = &step.change {
                commanded(step, change)?;
            }
            let says_so = step.change.is_some()
                || stages.get(&image).is_some_and(|(decision, stage)| match step.action.stage() {
                    None => *decision == PlanDecision::Keep && matches!(step.action, Action::Mark | Action::Leave),
                    of_step => *stage == of_step,
                });
            if !says_so {
                let action = step.action.as_str();
                return Err(format!(
                    "step {} would {action} {}, and its verdict does not say so",
                    shown(&step.id),
                    step.target
                ));
            }
            // An instance may be made an image of twice, and its image is what the step names: also one that copies what was made.
            let is_of_instance = step.action == Action::Create || made_by(step).is_some();
            if step.change.is_none() && step.target.image().is_none() {
                return Err(format!(
                    "step {} is about {}, which is no image",
                    shown(&step.id),
                    shown(step.target.as_str())
                ));
            }
            // Several templates may launch one image.
            let leaves_it = step.change.as_deref().is_some_and(Change::leaves_the_image);
            if !is_of_instance && !leaves_it && !targets.insert(target) {
                return Err(format!("two steps have the target {}", step.target));
            }
            if let Some(unknown) = step.after.iter().find(|id| !steps_before.contains(*id)) {
                return Err(format!("step {} comes after {}, which is not before it", shown(&step.id), shown(unknown)));
            }
            if let Some(earlier) = made_by(step).filter(|earlier| !step.after.contains(*earlier)) {
                let id = shown(&step.id);
                return Err(format!("step {id} works on what {} makes, and does not come after it", shown(earlier)));
            }
            snapshots(step)?;
            if !steps_before.insert(&step.id) {
                return Err(format!("two steps are called {}", shown(&step.id)));
            }
        }
        Ok(())
    }
}

/// The step that makes what this one works on.
fn made_by(step: &Step) -> Option<&CompactString> {
    step.change.as_deref().and_then(Change::of_step)
}

/// A step of a command does what its change says, and deletes nothing.
fn commanded(step: &Step, change: &Change) -> Result<(), String> {
    let action = change.action();
    let is_about = change.target().is_none_or(|target| target == step.target);
    if step.action != action || step.undo != change.undo() || !is_about {
        let (id, action) = (shown(&step.id), action.as_str());
        return Err(format!("step {id} does not fit its change, which is to {action}"));
    }
    if let Change::DeleteBundle(bundling) = change {
        bundling.check().map_err(|why| format!("step {}: {why}", shown(&step.id)))?;
    }
    if let Change::Register(registration) = change {
        registration.check().map_err(|why| format!("step {}: {why}", shown(&step.id)))?;
    }
    if step.staging.is_some() || !step.snapshots.is_empty() {
        return Err(format!("step {} is of a command and of a stage", shown(&step.id)));
    }
    Ok(())
}

/// A step deletes only snapshots of its own image, and only when it deregisters; it archives them only when that is its stage.
fn snapshots(step: &Step) -> Result<(), String> {
    for snapshot in &step.snapshots {
        let id = &snapshot.id;
        let fates = [snapshot.delete, snapshot.archive, snapshot.kept_because.is_some()];
        if fates.into_iter().filter(|fate| *fate).count() != 1 {
            return Err(format!("step {} both deletes and keeps {id}, or neither", shown(&step.id)));
        }
        if snapshot.archive && step.action != Action::ArchiveSnapshots {
            return Err(format!("step {} archives {id}, and that is not its stage", shown(&step.id)));
        }
        if !step.expects.block_devices.iter().any(|device| device.snapshot.as_ref() == Some(id)) {
            return Err(format!("step {} names {id}, which is not a snapshot of {}", shown(&step.id), step.target));
        }
    }
    let deletes = step.snapshots.iter().any(|snapshot| snapshot.delete);
    if deletes != (step.snapshot_deletion != SnapshotDeletion::None) || (deletes && step.action != Action::Deregister) {
        return Err(format!("step {} does not fit its `snapshot_deletion`", shown(&step.id)));
    }
    Ok(())
}

fn shown(id: &str) -> String {
    id.chars().take(40).flat_map(char::escape_debug).collect()
}
