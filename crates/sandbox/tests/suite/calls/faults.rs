//! The adversary: which calls go wrong, and how that looks to a client.

use std::time::Duration;

use amictl_sandbox::{
    Clock, Delivery, FaultKind, FaultRule, FaultRules, Phase, Probability, Sandbox, SandboxConfig, Server,
    ServerConfig, Stall, When, World,
};
use hyper::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::door::{Door, answer, now, still};

fn door(rules: Vec<FaultRule>) -> Door {
    Door::new(SandboxConfig { faults: rules.into(), ..still() })
}

const VPCS: &str = "Action=DescribeVpcs";

#[tokio::test]
async fn errors_speak_the_dialect_of_the_service() {
    for (kind, ec2, query) in [
        (FaultKind::Throttle, (503, "RequestLimitExceeded"), (400, "Throttling")),
        (FaultKind::ServerError, (500, "InternalError"), (500, "InternalFailure")),
        (FaultKind::Unavailable, (503, "Unavailable"), (503, "ServiceUnavailable")),
        (FaultKind::AccessDenied, (403, "UnauthorizedOperation"), (403, "AccessDenied")),
        (FaultKind::ExpiredCredentials, (400, "RequestExpired"), (403, "ExpiredToken")),
    ] {
        let door = door(vec![FaultRule::new("*", kind)]);
        let reply = door.ec2(VPCS).await;
        assert_eq!((reply.status, reply.code()), ec2);
        let reply = door.query("autoscaling", "Action=DescribeAutoScalingGroups&Version=2011-01-01").await;
        assert_eq!((reply.status, reply.code()), query);
    }
}

#[tokio::test]
async fn chance_repeats_by_seed() {
    let run = async |seed: u64| {
        let half = When::Probability(Probability::try_from(0.5).unwrap());
        let faults = vec![FaultRule::new("*", FaultKind::ServerError).when(half)].into();
        let door = Door::new(SandboxConfig { faults, seed, ..still() });
        let mut statuses = Vec::new();
        for _ in 0..64 {
            statuses.push(door.ec2(VPCS).await.status);
        }
        statuses
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    assert!((16..48).contains(&first.iter().filter(|status| **status == 500).count()), "{first:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_reply_comes_late_or_never() {
    let late = FaultRule::new("DescribeVpcs", FaultKind::Stall(Stall { millis: Some(30_000) })).when(When::Nth(1));
    let never = FaultRule::new("DescribeVpcs", FaultKind::Stall(Stall::default())).when(When::Nth(2));
    let door = door(vec![late, never]);
    let began = Instant::now();
    assert_eq!(door.ec2(VPCS).await.status, 200);
    assert_eq!(began.elapsed(), Duration::from_secs(30));
    assert!(matches!(door.deliver(VPCS).await, Delivery::Silence));
    assert_eq!(door.ec2(VPCS).await.status, 200);
}

#[tokio::test]
async fn a_reply_that_never_comes_may_have_had_its_effect() {
    for (phase, volumes) in [(Phase::Before, 0), (Phase::After, 1)] {
        let silent = FaultRule { phase, ..FaultRule::new("CreateVolume", FaultKind::Stall(Stall::default())) };
        let door = door(vec![silent]);
        let delivery = door.deliver("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8").await;
        assert!(matches!(delivery, Delivery::Silence));
        assert_eq!(door.done("Action=DescribeVolumes").await.text.matches("<volumeId>").count(), volumes);
    }
}

#[tokio::test]
async fn a_page_token_is_over_only_where_there_is_one() {
    let door = door(vec![FaultRule::new("DescribeVolumes", FaultKind::ExpiredPageToken)]);
    for _ in 0..6 {
        door.done("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8").await;
    }
    let page = door.done("Action=DescribeVolumes&MaxResults=5").await;
    let next = format!("Action=DescribeVolumes&MaxResults=5&NextToken={}", page.element("nextToken"));
    assert_eq!(door.ec2(&next).await.code(), "InvalidPaginationToken");
    door.sandbox.set_faults(FaultRules::default());
    assert_eq!(door.done(&next).await.text.matches("<volumeId>").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn latency_passes_in_tokios_time_and_repeats_by_seed() {
    let run = async |seed: u64| {
        let latency = "lognormal:20ms,0.5".parse().unwrap();
        let door = Door::new(SandboxConfig { clock: Clock::tokio(now()), latency, seed, ..SandboxConfig::default() });
        let began = Instant::now();
        for _ in 0..10 {
            door.done(VPCS).await;
        }
        (began.elapsed(), door.sandbox.clock().now())
    };
    let (one, clock) = run(1).await;
    assert_eq!(one, run(1).await.0);
    assert_ne!(one, run(2).await.0);
    assert!(one > Duration::from_millis(80) && clock > now());
}

/// Sends a call over a socket and returns what arrives until the connection ends.
async fn exchange(rules: Vec<FaultRule>) -> (String, std::io::Result<usize>) {
    let sandbox = Sandbox::new(World::new(1), SandboxConfig { faults: rules.into(), ..still() });
    let server = Server::start(ServerConfig { listen: ([127, 0, 0, 1], 0).into(), sandbox }).await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let scope = "123456789012/20261121/us-east-1/ec2/aws4_request";
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={scope}\r\n\r\n{VPCS}",
        VPCS.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_millis(300), stream.read_to_end(&mut bytes)).await;
    server.shutdown().await;
    let read = read.unwrap_or(Err(std::io::ErrorKind::TimedOut.into()));
    (String::from_utf8_lossy(&bytes).into_owned(), read)
}

#[tokio::test]
async fn a_truncated_reply_announces_more_than_it_brings() {
    let (text, read) = exchange(vec![FaultRule::new("*", FaultKind::Truncate)]).await;
    assert!(read.is_ok(), "the connection ends: {read:?}");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(length.map(|length: usize| length / 2), Some(body.len()), "{text}");
}

#[tokio::test]
async fn a_silent_connection_stays_open() {
    let (text, read) = exchange(vec![FaultRule::new("*", FaultKind::Stall(Stall::default()))]).await;
    assert_eq!((text.as_str(), read.unwrap_err().kind()), ("", std::io::ErrorKind::TimedOut));
}

#[tokio::test]
async fn a_fault_also_needs_an_operation_that_is_there() {
    let door = door(vec![FaultRule::new("*", FaultKind::Reset)]);
    let request = Request::post("/");
    let reply = answer(door.send("ec2", request, "Action=Nothing").await);
    assert_eq!(reply.code(), "InvalidAction");
}
