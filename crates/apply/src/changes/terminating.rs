//! Terminates an instance, and waits until it is.

use std::time::Duration;

use amictl_cloud::ops::{
    DescribeInstanceAttribute, DescribeInstances, DescribeInstancesRequest, Instance, InstanceRequest,
    TerminateInstances,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_plan::{Step, Termination};

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{Event, JournalCall, SeenResource, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::StepState;
use crate::returning::conclude;

/// The pauses between looks, the last of which goes on.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(15),
];
/// An instance shuts down in minutes, or is forced to.
const LOOKS_MAX: usize = 80;

/// Terminates the instance unless it is gone, is another's by now, or is protected.
pub(super) async fn terminate(
    work: &RegionWork<'_>,
    step: &Step,
    termination: &Termination,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let call = JournalCall::Terminate(termination.instance.clone());
    {
        let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
        work.check_stop()?;
        let instance = match look(work, termination).await {
            Ok(instance) => instance,
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(failed(error.to_string(), "unchanged"));
            }
        };
        let Some(instance) = instance.filter(|instance| instance.state != "terminated") else { return Ok(done()) };
        if instance.image != termination.image.as_str() {
            return Ok(StepResult::Skipped { why: "changed since the plan: its image".to_owned() });
        }
        if instance.state != "shutting-down" {
            if let Some(why) = protected(work, termination).await? {
                return Ok(StepResult::Skipped { why });
            }
            work.check_stop()?;
            let resource =
                SeenResource::Instance { id: termination.instance.clone(), state: instance.state.to_string() };
            if !state.may_have(&call) {
                work.journal(Event::Seen { step: step.id.to_string(), resource }).await?;
            }
            work.intend(&step.id, call.clone()).await?;
            let request = InstanceRequest { instance: termination.instance.clone() };
            let sent = send(
                || Call::<TerminateInstances>::call(work.cloud, work.region, request.clone()),
                || async { Ok(look(work, termination).await?.is_none_or(|instance| is_ending(&instance))) },
            )
            .await;
            let left = if matches!(sent, Sent::Unknown(_)) { "unknown, may be ending" } else { "unchanged" };
            if let Some(why) = conclude(work, step.id.as_str(), call, sent).await? {
                return Ok(failed(why, left));
            }
        }
    }
    wait(work, termination).await
}

fn is_ending(instance: &Instance) -> bool {
    matches!(instance.state.as_str(), "shutting-down" | "terminated")
}

/// Why it must not be terminated: somebody protects it, or that cannot be read.
async fn protected(work: &RegionWork<'_>, termination: &Termination) -> Result<Option<String>, Halt> {
    let request = InstanceRequest { instance: termination.instance.clone() };
    match Call::<DescribeInstanceAttribute>::call(work.cloud, work.region, request).await {
        Ok(false) => Ok(None),
        Ok(true) => Ok(Some("it is protected from termination (disableApiTermination)".to_owned())),
        Err(error) => {
            halt_on_credentials(&error)?;
            Ok(Some(format!("whether it is protected from termination could not be read: {error}")))
        }
    }
}

async fn wait(work: &RegionWork<'_>, termination: &Termination) -> Result<StepResult, Halt> {
    let mut last = "shutting-down".to_owned();
    for pause in PAUSES.into_iter().chain(std::iter::repeat_n(PAUSES[4], LOOKS_MAX)) {
        match look(work, termination).await {
            Ok(None) => return Ok(done()),
            Ok(Some(instance)) if instance.state == "terminated" => return Ok(done()),
            Ok(Some(instance)) => last = instance.state.to_string(),
            Err(error) => {
                halt_on_credentials(&error)?;
                last = error.to_string();
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = work.tools.stop.requested() => return Err(Halt::Interrupted),
        }
    }
    Err(Halt::TimedOut(format!("{} in {}: {last}", termination.instance, work.region)))
}

async fn look(work: &RegionWork<'_>, termination: &Termination) -> Result<Option<Instance>, CloudError> {
    let id = termination.instance.as_str();
    let request = DescribeInstancesRequest { instances: vec![id.to_owned()], ..DescribeInstancesRequest::default() };
    let mut found = None;
    let (_, result) = for_each_page::<DescribeInstances>(work.cloud, work.region, request, |page| {
        found = found.take().or(page.instances.into_iter().find(|instance| instance.id == id));
    })
    .await;
    match result {
        Ok(()) => Ok(found),
        Err(PageError::Call(error)) => Err(error),
        Err(other) => Err(CloudError {
            class: ErrorClass::Other,
            operation: "DescribeInstances",
            code: None,
            message: other.to_string(),
            request_id: None,
        }),
    }
}
