//! The caps of a plan, checked before its first call.

use std::collections::BTreeMap;

use crate::{Plan, PlanCaps, PlanDecision, PlanVerdict};

/// A cap that a plan breaks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CapViolation {
    /// More images than one plan may retire.
    #[error("the plan retires {retired} images, and `max_actions` allows {max}")]
    MaxActions {
        /// Images that it retires.
        retired: u64,
        /// The cap.
        max: u64,
    },
    /// A greater part of all images than one plan may retire.
    #[error("the plan retires {retired} of {images} images, and `max_percent` allows {max} %")]
    MaxPercent {
        /// Images that it retires.
        retired: u64,
        /// Images of the inventory.
        images: u64,
        /// The cap.
        max: f64,
    },
    /// More images of one family or account than one plan may retire.
    #[error("the plan retires {retired} images of {part}, and `{cap}.max_actions` allows {max}")]
    PartActions {
        /// Of which family or account, such as `family web`.
        part: String,
        /// `per_family` or `per_account`.
        cap: &'static str,
        /// Images of it that it retires.
        retired: u64,
        /// The cap.
        max: u64,
    },
    /// A greater part of the images of one family or account than one plan may retire.
    #[error("the plan retires {retired} of {images} images of {part}, and `{cap}.max_percent` allows {max} %")]
    PartPercent {
        /// Of which family or account, such as `family web`.
        part: String,
        /// `per_family` or `per_account`.
        cap: &'static str,
        /// Images of it that it retires.
        retired: u64,
        /// Images of it in the inventory.
        images: u64,
        /// The cap.
        max: f64,
    },
    /// Fewer images than the inventory must hold: something was not seen.
    #[error("the inventory holds {images} images, and `min_images` asks for {min}")]
    MinImages {
        /// Images of the inventory.
        images: u64,
        /// The least.
        min: u64,
    },
}

/// Checks the caps that the plan carries.
///
/// # Errors
/// Every cap that it breaks.
pub fn check_limits(plan: &Plan) -> Result<(), Vec<CapViolation>> {
    let images = plan.verdicts.len() as u64;
    let retired = plan.verdicts.iter().filter(|verdict| verdict.decision == PlanDecision::Retire).count();
    // A plan whose steps and verdicts disagree does not read; the larger count is the careful one.
    let steps = plan.steps.iter().filter(|step| step.stage().is_some()).count();
    let retired = retired.max(steps) as u64;
    let limits = plan.limits;
    let mut violations = Vec::new();
    if let Some(max) = limits.max_actions.filter(|max| retired > *max) {
        violations.push(CapViolation::MaxActions { retired, max });
    }
    if let Some(max) = limits.max_percent
        && retired as f64 * 100.0 > max * images as f64
    {
        violations.push(CapViolation::MaxPercent { retired, images, max });
    }
    if images < limits.min_images {
        violations.push(CapViolation::MinImages { images, min: limits.min_images });
    }
    if let Some(caps) = limits.per_family {
        let family = |verdict: &PlanVerdict| verdict.family.as_ref().map(|family| format!("family {family}"));
        check_parts(plan, "per_family", caps, family, &mut violations);
    }
    if let Some(caps) = limits.per_account {
        let account = |verdict: &PlanVerdict| Some(format!("account {}", verdict.account));
        check_parts(plan, "per_account", caps, account, &mut violations);
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// Checks the caps of each family or account.
fn check_parts(
    plan: &Plan,
    cap: &'static str,
    caps: PlanCaps,
    part: impl Fn(&PlanVerdict) -> Option<String>,
    violations: &mut Vec<CapViolation>,
) {
    // Of each part, the images and those that are retired.
    let mut parts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for verdict in &plan.verdicts {
        if let Some(part) = part(verdict) {
            let (images, retired) = parts.entry(part).or_default();
            *images += 1;
            *retired += u64::from(verdict.decision == PlanDecision::Retire);
        }
    }
    for (part, (images, retired)) in parts {
        if let Some(max) = caps.max_actions.filter(|max| retired > *max) {
            violations.push(CapViolation::PartActions { part: part.clone(), cap, retired, max });
        }
        if let Some(max) = caps.max_percent
            && retired as f64 * 100.0 > max * images as f64
        {
            violations.push(CapViolation::PartPercent { part, cap, retired, images, max });
        }
    }
}
