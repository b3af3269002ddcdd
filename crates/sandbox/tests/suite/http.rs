//! The HTTP door: whatever comes in, an answer of AWS goes out.

use amictl_sandbox::{FaultKind, FaultRule, Sandbox, SandboxConfig, Server, ServerConfig, ServerHandle, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn serve(faults: Vec<FaultRule>) -> ServerHandle {
    let config = SandboxConfig { faults: faults.into(), ..SandboxConfig::default() };
    let sandbox = Sandbox::new(World::new(1), config);
    Server::start(ServerConfig { listen: ([127, 0, 0, 1], 0).into(), sandbox }).await.unwrap()
}

fn signed(service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20261121/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n"
    )
}

/// Sends a request and returns everything that comes back.
async fn exchange(server: &ServerHandle, headers: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let head =
        format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn each_protocol_has_its_envelope() {
    let server = serve(Vec::new()).await;
    let reply = exchange(&server, &signed("ec2"), b"Action=DescribeVpcs&Version=2016-11-15").await;
    assert!(
        reply.starts_with("HTTP/1.1 200") && reply.contains("<requestId>") && reply.contains("<vpcSet><item>"),
        "{reply}"
    );
    let reply = exchange(&server, &signed("sts"), b"Action=GetCallerIdentity&Version=2011-06-15").await;
    assert!(
        reply.contains("<GetCallerIdentityResult><Arn>") && reply.contains("<ResponseMetadata><RequestId>"),
        "{reply}"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn bad_requests_get_an_error_of_aws() {
    let server = serve(Vec::new()).await;
    let ec2 = signed("ec2");
    for (headers, body, status, code) in [
        (ec2.as_str(), &b"Action=DescribeNothing"[..], "400", "InvalidAction"),
        (&ec2, b"", "400", "MissingAction"),
        (&ec2, b"Action=DescribeImages&ImageId.1=%zz", "400", "MalformedQueryString"),
        (&ec2, b"Action=DescribeImages&ImageId.x=ami-1", "400", "InvalidParameterValue"),
        (&ec2, b"Action=DescribeImages&ImageId.1=%1B%5B31m", "400", "InvalidAMIID.Malformed"),
        (&ec2, b"Action=DescribeImages&DryRun=perhaps", "400", "InvalidParameterValue"),
        (&ec2, b"Action=DescribeImages&MaxResults=99999999999999999999", "400", "InvalidParameterValue"),
        (&ec2, b"{\"Action\": \"DescribeImages\"}", "400", "MissingAction"),
        (&ec2, b"\xff\xfe=\x00", "400", "MalformedQueryString"),
        ("", b"Action=DescribeImages&Version=2016-11-15", "401", "AuthFailure"),
        ("Authorization: Basic abc\r\n", b"Action=DescribeImages", "401", "AuthFailure"),
        (&signed("autoscaling"), b"Action=CreateAutoScalingGroup", "400", "ValidationError"),
        (&signed("nothing"), b"Action=DescribeImages", "400", "InvalidAction"),
        (&signed("autoscaling"), b"Action=DescribeImages", "400", "InvalidAction"),
    ] {
        let reply = exchange(&server, headers, body).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{reply}");
        assert!(reply.contains(&format!("<Code>{code}</Code>")), "{code}: {reply}");
    }
    let reply = exchange(&server, &ec2, &vec![b'a'; 10 << 20]).await;
    assert!(reply.starts_with("HTTP/1.1 413") && reply.contains("<Code>RequestEntityTooLarge</Code>"), "{reply}");
    let reply = exchange(&server, &signed("ssm"), &vec![b'a'; 10 << 20]).await;
    assert!(reply.contains("{\"__type\":\"RequestEntityTooLarge\""), "{reply}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_reset_answers_nothing() {
    let server = serve(vec![FaultRule::new("DescribeVpcs", FaultKind::Reset)]).await;
    assert_eq!(exchange(&server, &signed("ec2"), b"Action=DescribeVpcs").await, "");
    assert!(exchange(&server, &signed("ec2"), b"Action=DescribeSubnets").await.contains("<subnetSet>"));
    assert_eq!(server.counts()["DescribeVpcs"].spoiled, 1);
    server.shutdown().await;
}

#[tokio::test]
async fn throttling_is_a_503() {
    let server = serve(vec![FaultRule::new("*", FaultKind::Throttle)]).await;
    let reply = exchange(&server, &signed("ec2"), b"Action=DescribeVpcs").await;
    assert!(reply.starts_with("HTTP/1.1 503") && reply.contains("RequestLimitExceeded"), "{reply}");
    server.shutdown().await;
}
