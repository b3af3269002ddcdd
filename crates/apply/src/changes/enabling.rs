//! Whether an image can be launched.

use amictl_cloud::Call;
use amictl_cloud::ops::{DisableImage, DisableImageRequest, EnableImage, EnableImageRequest};
use amictl_model::ImageId;
use amictl_plan::Change;

use super::done;
use super::one::one;
use crate::context::{Halt, RegionWork};
use crate::event::{JournalCall, StepResult};

/// Disables an image: with that, EC2 takes all its launch permissions away.
pub(super) async fn disable(work: &RegionWork<'_>, step: &str, image: &ImageId) -> Result<StepResult, Halt> {
    let request = DisableImageRequest { image: image.clone() };
    let call = || Call::<DisableImage>::call(work.cloud, work.region, request.clone());
    let failure = one(work, step, JournalCall::Disable, image, call, |image| Change::Disable.is_so(image)).await?;
    Ok(failure.unwrap_or_else(done))
}

/// Enables an image: it is shared with nobody then.
pub(super) async fn enable(work: &RegionWork<'_>, step: &str, image: &ImageId) -> Result<StepResult, Halt> {
    let request = EnableImageRequest { image: image.clone() };
    let call = || Call::<EnableImage>::call(work.cloud, work.region, request.clone());
    let failure = one(work, step, JournalCall::Enable, image, call, |image| Change::Enable.is_so(image)).await?;
    Ok(failure.unwrap_or_else(done))
}
