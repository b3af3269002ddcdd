//! Whether an image is protected from being deregistered.

use amictl_cloud::Call;
use amictl_cloud::ops::{
    DisableImageDeregistrationProtection, DisableImageDeregistrationProtectionRequest,
    EnableImageDeregistrationProtection, EnableImageDeregistrationProtectionRequest,
};
use amictl_model::ImageId;
use amictl_plan::Change;

use super::done;
use super::one::one;
use crate::context::{Halt, RegionWork};
use crate::event::{JournalCall, StepResult};

/// Protects an image.
pub(super) async fn protect(
    work: &RegionWork<'_>,
    step: &str,
    image: &ImageId,
    with_cooldown: bool,
) -> Result<StepResult, Halt> {
    let request = EnableImageDeregistrationProtectionRequest { image: image.clone(), with_cooldown };
    let call = || Call::<EnableImageDeregistrationProtection>::call(work.cloud, work.region, request.clone());
    let change = Change::Protect { with_cooldown };
    let failure = one(work, step, JournalCall::Protect, image, call, |image| change.is_so(image)).await?;
    Ok(failure.unwrap_or_else(done))
}

/// Takes the protection away; where it has a cooldown, it holds for 24 hours more.
pub(super) async fn unprotect(work: &RegionWork<'_>, step: &str, image: &ImageId) -> Result<StepResult, Halt> {
    let request = DisableImageDeregistrationProtectionRequest { image: image.clone() };
    let call = || Call::<DisableImageDeregistrationProtection>::call(work.cloud, work.region, request.clone());
    let failure = one(work, step, JournalCall::Unprotect, image, call, |image| Change::Unprotect.is_so(image)).await?;
    Ok(failure.unwrap_or_else(done))
}
