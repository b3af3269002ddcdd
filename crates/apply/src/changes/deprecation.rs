//! From when on an image is deprecated.

use amictl_cloud::Call;
use amictl_cloud::ops::{
    DisableImageDeprecation, DisableImageDeprecationRequest, EnableImageDeprecation, EnableImageDeprecationRequest,
};
use amictl_model::{ImageId, Moment};
use amictl_plan::Change;

use super::done;
use super::one::one;
use crate::context::{Halt, RegionWork};
use crate::event::{JournalCall, StepResult};

/// Deprecates an image from a time on, or not at all.
pub(super) async fn set(
    work: &RegionWork<'_>,
    step: &str,
    image: &ImageId,
    at: Option<Moment>,
) -> Result<StepResult, Halt> {
    let failure = match at {
        Some(at) => {
            let request = EnableImageDeprecationRequest { image: image.clone(), at };
            let call = || Call::<EnableImageDeprecation>::call(work.cloud, work.region, request.clone());
            let change = Change::Deprecate { at, or_earlier: false };
            one(work, step, JournalCall::Deprecate, image, call, |image| change.is_so(image)).await?
        }
        None => {
            let request = DisableImageDeprecationRequest { image: image.clone() };
            let call = || Call::<DisableImageDeprecation>::call(work.cloud, work.region, request.clone());
            one(work, step, JournalCall::Undeprecate, image, call, |image| Change::Undeprecate.is_so(image)).await?
        }
    };
    Ok(failure.unwrap_or_else(done))
}
