//! Client tokens: a request that is sent again changes nothing and gets the same answer.

use amictl_sandbox::{FaultKind, FaultRule, Phase, SandboxConfig, When};

use super::door::{Door, now, still};

const TEMPLATE: &str = "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.InstanceType=t3.micro";

#[tokio::test]
async fn the_same_request_again_gets_the_same_answer() {
    let door = Door::new(still());
    let form = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8";
    let first = door.done(&format!("{form}&ClientToken=t1")).await;
    // The order of the parameters, the version and a signature in the query string do not count.
    let again = door.done(&format!("Version=2016-11-15&ClientToken=t1&X-Amz-Date=20261121T090000Z&{form}")).await;
    assert_eq!(first.content(), again.content());
    assert_ne!(first.text, again.text, "each answer has a request id of its own");
    let other = door.done(&format!("{form}&ClientToken=t2")).await;
    assert_ne!(first.element("volumeId"), other.element("volumeId"));
    let volumes = door.done("Action=DescribeVolumes").await;
    assert_eq!(volumes.text.matches("<volumeId>").count(), 2);
    assert_eq!(door.sandbox.counts()["CreateVolume"].calls, 3);
}

#[tokio::test]
async fn other_parameters_under_the_same_token_are_refused() {
    let door = Door::new(still());
    door.done(&format!("{TEMPLATE}&ClientToken=t")).await;
    let other = door.ec2(&format!("{TEMPLATE}&VersionDescription=x&ClientToken=t")).await;
    assert_eq!((other.status, other.code()), (400, "IdempotentParameterMismatch"));
    // A token is bound to the operation, the account and the Region.
    door.done("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8&ClientToken=t").await;
    door.of("123456789012", "eu-west-1").done(&format!("{TEMPLATE}&ClientToken=t")).await;
    door.of("210987654321", "us-east-1").done(&format!("{TEMPLATE}&ClientToken=t")).await;
    let long = door.ec2(&format!("{TEMPLATE}&ClientToken={}", "x".repeat(200))).await;
    assert_eq!(long.code(), "InvalidParameterValue");
}

#[tokio::test]
async fn what_failed_or_was_a_dry_run_leaves_no_token() {
    let door = Door::new(still());
    let form = "Action=CreateVolume&AvailabilityZone=us-east-1a&ClientToken=t";
    assert_eq!(door.ec2(form).await.status, 400);
    assert_eq!(door.ec2(&format!("{form}&Size=8&DryRun=true")).await.code(), "DryRunOperation");
    door.done(&format!("{form}&Size=9")).await;
}

#[tokio::test]
async fn a_token_is_forgotten_after_a_day() {
    let door = Door::new(still());
    let form = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8&ClientToken=t";
    let first = door.done(form).await;
    door.sandbox.clock().set(now().plus_secs(86_399));
    assert_eq!(door.done(form).await.element("volumeId"), first.element("volumeId"));
    door.sandbox.clock().set(now().plus_secs(86_400));
    assert_ne!(door.done(form).await.element("volumeId"), first.element("volumeId"));
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again() {
    let lost = |kind| FaultRule { phase: Phase::After, ..FaultRule::new("CreateVolume", kind).when(When::Nth(1)) };
    for kind in [FaultKind::Reset, FaultKind::ServerError, FaultKind::Truncate] {
        let door = Door::new(SandboxConfig { faults: vec![lost(kind)].into(), ..still() });
        let form = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8&ClientToken=t";
        if let Some(response) = door.deliver(form).await.whole() {
            assert_eq!(response.status().as_u16(), 500);
        }
        let again = door.done(form).await;
        let volumes = door.done("Action=DescribeVolumes").await;
        assert_eq!(volumes.text.matches("<volumeId>").count(), 1);
        assert_eq!(volumes.element("volumeId"), again.element("volumeId"));
    }
}

#[tokio::test]
async fn a_repeated_request_may_be_throttled_too() {
    let faults = vec![FaultRule::new("CreateVolume", FaultKind::Throttle).when(When::Nth(2))].into();
    let door = Door::new(SandboxConfig { faults, ..still() });
    let form = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8&ClientToken=t";
    let first = door.done(form).await;
    assert_eq!(door.ec2(form).await.code(), "RequestLimitExceeded");
    assert_eq!(door.done(form).await.content(), first.content());
}
