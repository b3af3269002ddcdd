//! The caps of a plan, checked before its first call.

use crate::{Plan, PlanDecision};

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
    let retired = retired.max(plan.steps.len()) as u64;
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
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}
