//! Launches instances, once, and waits until they run.

use std::time::Duration;

use amictl_cloud::ops::{
    DescribeInstances, DescribeInstancesRequest, Instance, LaunchTemplateUse, RunInstances, RunInstancesRequest,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_plan::{Launching, Step};
use tokio::time::{Instant, sleep_until};

use super::done;
use super::one::failed;
use super::waiting::Ticks;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, RunEvent, StepResult};
use crate::mutate::{Sent, send_by_token};
use crate::replay::StepState;

/// Values of one filter, at most.
const IDS_PER_CALL_MAX: usize = 200;
/// How long what was launched need not be seen at all.
const UNSEEN_MAX: Duration = Duration::from_secs(600);

/// Launches the instances unless that was done, and sees them through until they run.
pub(super) async fn carry_out(
    work: &RegionWork<'_>,
    step: &Step,
    launching: &Launching,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let instances = match &state.produced.instances[..] {
        [] => match launch(work, step, launching).await? {
            Ok(instances) => instances,
            Err(result) => return Ok(result),
        },
        there => there.to_vec(),
    };
    if launching.wait_seconds == 0 {
        return Ok(done());
    }
    wait(work, &instances, Duration::from_secs(launching.wait_seconds)).await
}

/// Has EC2 launch; the client token lets it launch once, however many requests there are. The inner error ends the step.
async fn launch(
    work: &RegionWork<'_>,
    step: &Step,
    launching: &Launching,
) -> Result<Result<Vec<Box<str>>, StepResult>, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    work.intend(&step.id, JournalCall::Launch).await?;
    let request = request(launching);
    let call = || Call::<RunInstances>::call(work.cloud, work.region, request.clone());
    let sent = send_by_token(call).await;
    let unknown = "unknown: instances may have been launched";
    let (outcome, launched) = match &sent {
        Sent::Done(Some(instances)) => {
            let instances: Vec<Box<str>> = instances.iter().map(|id| id.as_str().into()).collect();
            (CallOutcome::Launched(instances.clone()), Ok(instances))
        }
        Sent::Done(None) => {
            let why = "the answer was lost".to_owned();
            (CallOutcome::Unknown(why.clone()), Err(failed(why, unknown)))
        }
        Sent::Refused(error) => (CallOutcome::Failed(error.to_string()), Err(failed(error.to_string(), "unchanged"))),
        Sent::Unknown(error) => (CallOutcome::Unknown(error.to_string()), Err(failed(error.to_string(), unknown))),
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::Launch, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    if let Ok(instances) = &launched {
        let what = format!("launched {}", instances.join(", "));
        work.tell(&RunEvent::Progress { step: step.id.to_string(), what });
    }
    Ok(launched)
}

fn request(launching: &Launching) -> RunInstancesRequest {
    let text = |text: &Option<Box<str>>| text.as_ref().map(ToString::to_string);
    RunInstancesRequest {
        count: launching.count,
        image: text(&launching.image),
        template: launching.template.as_ref().map(|template| LaunchTemplateUse {
            id: Some(template.id.to_string()),
            name: None,
            version: Some(template.version.to_string()),
            place: LaunchTemplateUse::OF_GROUP,
        }),
        instance_type: text(&launching.instance_type),
        subnet: text(&launching.subnet),
        security_groups: launching.security_groups.iter().map(ToString::to_string).collect(),
        key_name: text(&launching.key_name),
        instance_profile: text(&launching.instance_profile),
        user_data: text(&launching.user_data),
        requires_imds_v2: launching.requires_imds_v2,
        tags: launching.tags.clone(),
        client_token: launching.client_token.to_string(),
    }
}

/// Waits until all instances run; one that ends before ends the wait.
async fn wait(work: &RegionWork<'_>, instances: &[Box<str>], limit: Duration) -> Result<StepResult, Halt> {
    let ticks = Ticks::of(&work.watch());
    let began = Instant::now();
    let deadline = began + limit;
    loop {
        let last = match look(work, instances).await {
            Ok(seen) => {
                let ended = seen.iter().find(|instance| !["pending", "running"].contains(&instance.state.as_str()));
                if let Some(ended) = ended {
                    let reason = ended.state_reason.as_deref().unwrap_or("EC2 does not say why");
                    return Ok(failed(format!("{} is {}: {reason}", ended.id, ended.state), "launched"));
                }
                let running = seen.iter().filter(|instance| instance.state == "running").count();
                if running == instances.len() {
                    return Ok(done());
                }
                if seen.len() < instances.len() && began.elapsed() > UNSEEN_MAX {
                    let missing = instances.iter().find(|id| !seen.iter().any(|instance| *instance.id == ***id));
                    let missing = missing.map(ToString::to_string).unwrap_or_default();
                    return Ok(failed(format!("{missing} is not there"), "launched"));
                }
                format!("{running} of {} run", instances.len())
            }
            Err(error) => {
                halt_on_credentials(&error)?;
                error.to_string()
            }
        };
        let now = Instant::now();
        if now >= deadline {
            return Err(Halt::TimedOut(format!("instances in {}: {last}", work.region)));
        }
        tokio::select! {
            () = sleep_until(ticks.after(now).min(deadline)) => {}
            () = work.tools.stop.requested() => return Err(Halt::Interrupted),
        }
    }
}

async fn look(work: &RegionWork<'_>, instances: &[Box<str>]) -> Result<Vec<Instance>, CloudError> {
    let mut seen = Vec::with_capacity(instances.len());
    for ids in instances.chunks(IDS_PER_CALL_MAX) {
        let instances = ids.iter().map(ToString::to_string).collect();
        let request = DescribeInstancesRequest { instances, ..DescribeInstancesRequest::default() };
        let (_, result) = for_each_page::<DescribeInstances>(work.cloud, work.region, request, |page| {
            seen.extend(page.instances);
        })
        .await;
        result.map_err(|error| match error {
            PageError::Call(error) => error,
            other => CloudError {
                class: ErrorClass::Other,
                operation: "DescribeInstances",
                code: None,
                message: other.to_string(),
                request_id: None,
            },
        })?;
    }
    Ok(seen)
}
