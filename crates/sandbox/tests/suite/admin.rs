//! The admin endpoint beside the endpoint of AWS, and what is kept over restarts.

use std::net::SocketAddr;

use amictl_sandbox::{Admin, AdminConfig, AdminError, Running, Sandbox, SandboxConfig, Setup, World};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn start(options: &[(&str, &str)]) -> Running {
    let mut setup = Setup::default();
    for (name, value) in [("listen", "127.0.0.1:0"), ("admin", "127.0.0.1:0")].iter().chain(options) {
        setup.set(name, value).unwrap();
    }
    setup.start().await.unwrap()
}

/// Status and body of what comes back.
async fn send(addr: SocketAddr, head: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let head = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    (status, if is_chunked { joined(body) } else { body.to_owned() })
}

fn joined(mut chunks: &str) -> String {
    let mut body = String::new();
    while let Some((len, rest)) = chunks.split_once("\r\n") {
        let len = usize::from_str_radix(len, 16).unwrap();
        body.push_str(&rest[..len]);
        chunks = rest[len..].trim_start_matches("\r\n");
    }
    body
}

async fn ask(running: &Running, method: &str, path: &str, body: &str) -> (u16, Value) {
    let addr = running.admin.as_ref().unwrap().addr();
    let (status, body) = send(addr, &format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n"), body.as_bytes()).await;
    (status, serde_json::from_str(&body).unwrap())
}

/// A call of EC2.
async fn call(running: &Running, form: &str) -> (u16, String) {
    let authorization = "AWS4-HMAC-SHA256 Credential=123456789012/20261121/us-east-1/ec2/aws4_request, Signature=0";
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n");
    send(running.server.addr(), &head, format!("{form}&Version=2016-11-15").as_bytes()).await
}

fn element(xml: &str, name: &str) -> String {
    xml.split(&format!("<{name}>")).nth(1).unwrap_or_else(|| panic!("{xml}")).split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_world_is_taken_out_and_put_in_again() {
    let running = start(&[("world", "sample")]).await;
    let (status, world) = ask(&running, "GET", "/world", "").await;
    assert_eq!((status, world["kind"].as_str()), (200, Some("amictl-sandbox-world")));
    let (status, volume) = call(&running, "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a").await;
    assert_eq!(status, 200);
    let (status, size) = ask(&running, "PUT", "/world", &world.to_string()).await;
    assert!(status == 200 && size["images"].as_u64() > Some(100), "{size}");
    // The world is as it was, and gives the same id again.
    let (_, again) = call(&running, "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a").await;
    assert_eq!(element(&volume, "volumeId"), element(&again, "volumeId"));
    let (status, error) =
        ask(&running, "PUT", "/world", "{\"kind\":\"amictl-sandbox-world\",\"format_version\":\"7.0\"").await;
    assert!(status == 400 && error["error"].as_str().unwrap().contains("format 7.0"), "{error}");
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_clock_is_set_and_moved() {
    let running = start(&[("world", "empty"), ("clock", "2026-11-21T09:00:00Z")]).await;
    let (status, clock) = ask(&running, "PUT", "/clock", r#"{"advance": "36h"}"#).await;
    assert_eq!(
        (status, clock["now"].as_str(), clock["virtual"].as_bool()),
        (200, Some("2026-11-22T21:00:00Z"), Some(true))
    );
    let (_, volume) = call(&running, "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a").await;
    assert_eq!(element(&volume, "createTime"), "2026-11-22T21:00:00.000Z");
    let (_, clock) = ask(&running, "PUT", "/clock", r#"{"now": "2030-01-01T00:00:00Z"}"#).await;
    assert_eq!(clock["now"].as_str(), Some("2030-01-01T00:00:00Z"));
    for bad in [
        "",
        "{}",
        "[]",
        r#"{"now": "soon"}"#,
        r#"{"advance": "-1h"}"#,
        r#"{"now": "2030-01-01T00:00:00Z", "advance": "1h"}"#,
    ] {
        let (status, error) = ask(&running, "PUT", "/clock", bad).await;
        assert!(status == 400 && error["error"].is_string(), "{bad}: {error}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn permissions_are_read_and_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let policy = |action: &str| json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    std::fs::write(&file, policy("ec2:DescribeRegions").to_string()).unwrap();
    let running = start(&[("world", "empty"), ("iam", file.to_str().unwrap())]).await;
    assert_eq!(call(&running, "Action=DescribeRegions").await.0, 200);
    let (status, refusal) = call(&running, "Action=DescribeVpcs").await;
    assert_eq!((status, element(&refusal, "Code").as_str()), (403, "UnauthorizedOperation"));
    assert_eq!(ask(&running, "GET", "/iam", "").await.1["accounts"]["*"], policy("ec2:DescribeRegions"));
    assert_eq!(ask(&running, "PUT", "/iam", &policy("ec2:Describe*").to_string()).await.0, 200);
    assert_eq!(call(&running, "Action=DescribeVpcs").await.0, 200);
    let (status, error) = ask(&running, "PUT", "/iam", &policy("DescribeVpcs").to_string()).await;
    assert!(status == 400 && error["error"].as_str().unwrap().contains("is not an action"), "{error}");
    assert_eq!(ask(&running, "PUT", "/iam", r#"{"accounts": {}}"#).await.1, json!({"accounts": {}}));
    assert_eq!(call(&running, "Action=CreateVpc").await.0, 400, "there is no such operation, which everybody is told");
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn faults_and_counts_are_read_and_changed() {
    let running = start(&[("world", "empty")]).await;
    let faults = json!({"rules": [{"operation": "DescribeVpcs", "when": {"first": 1}, "kind": "throttle"}]});
    assert_eq!(ask(&running, "PUT", "/faults", &faults.to_string()).await.0, 200);
    assert_eq!(call(&running, "Action=DescribeVpcs").await.0, 503);
    assert_eq!(call(&running, "Action=DescribeVpcs").await.0, 200);
    assert_eq!(ask(&running, "GET", "/faults", "").await.1["rules"][0]["operation"], "DescribeVpcs");
    let (_, counts) = ask(&running, "GET", "/counts", "").await;
    assert_eq!(
        (counts["DescribeVpcs"]["calls"].as_u64(), counts["DescribeVpcs"]["throttled"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(ask(&running, "DELETE", "/counts", "").await.1, json!({}));
    let (status, error) = ask(&running, "PUT", "/faults", r#"{"rules": [{"operation": "*", "kind": "rest"}]}"#).await;
    assert!(status == 400 && error["error"].as_str().unwrap().contains("line 1"), "{error}");
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_hook_calls_an_operation_at_the_worst_moment() {
    let running = start(&[("world", "sample")]).await;
    let (_, images) = call(&running, "Action=DescribeImages&Owner.1=self&MaxResults=5").await;
    let image = element(&images, "imageId");
    let hook = |operation: &str, action: &str, image: &str| {
        json!({"point": "before", "operation": operation, "nth": 2, "call": {
            "account": "123456789012", "region": "us-east-1", "action": action,
            "params": {"ImageId": image, "MinCount": 1, "MaxCount": 1, "TagSpecification": [
                {"ResourceType": "instance", "Tag": [{"Key": "by", "Value": "hook"}]}]}}})
    };
    let (status, hooks) =
        ask(&running, "POST", "/hooks", &hook("DescribeVpcs", "RunInstances", &image).to_string()).await;
    assert_eq!((status, hooks["pending"].as_u64()), (200, Some(1)));
    let by_hook = "Action=DescribeInstances&Filter.1.Name=tag:by&Filter.1.Value.1=hook";
    call(&running, "Action=DescribeVpcs").await;
    assert!(!call(&running, by_hook).await.1.contains("<instanceId>"));
    call(&running, "Action=DescribeVpcs").await;
    assert_eq!(element(&call(&running, by_hook).await.1, "imageId"), image);
    let (_, hooks) = ask(&running, "GET", "/hooks", "").await;
    assert_eq!((hooks["pending"].as_u64(), &hooks["done"][0]["action"]), (Some(0), &json!("RunInstances")));
    // What AWS would refuse is told.
    ask(
        &running,
        "POST",
        "/hooks",
        &json!({"hooks": [hook("DescribeVpcs", "RunInstances", "ami-00000000")]}).to_string(),
    )
    .await;
    call(&running, "Action=DescribeVpcs").await;
    call(&running, "Action=DescribeVpcs").await;
    let (_, hooks) = ask(&running, "GET", "/hooks", "").await;
    assert!(hooks["done"][1]["error"].as_str().unwrap().starts_with("InvalidAMIID."), "{hooks}");
    for bad in
        [hook("DescribeVpcs", "RunInstance", "x"), hook("DescribeVpc", "RunInstances", "x"), json!({"point": "never"})]
    {
        let (status, error) = ask(&running, "POST", "/hooks", &bad.to_string()).await;
        assert!(status == 400 && error["error"].is_string(), "{error}");
    }
    assert_eq!(ask(&running, "DELETE", "/hooks", "").await.1, json!({"pending": 0, "done": []}));
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn operations_are_listed_and_other_paths_are_not_there() {
    let running = start(&[("world", "empty")]).await;
    let (_, operations) = ask(&running, "GET", "/operations", "").await;
    let operations = operations["operations"].as_array().unwrap();
    let disable = operations.iter().find(|operation| operation["operation"] == "DisableImage").unwrap();
    assert_eq!(*disable, json!({"service": "ec2", "operation": "DisableImage", "mutating": true, "protocol": "ec2"}));
    assert_eq!(ask(&running, "GET", "/secrets", "").await.0, 404);
    assert_eq!(ask(&running, "DELETE", "/world", "").await.0, 405);
    let (status, error) = ask(&running, "POST", "/save", "").await;
    assert!(status == 409 && error["error"].as_str().unwrap().contains("--state-file"), "{error}");
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn only_local_programs_are_answered() {
    let running = start(&[("world", "empty")]).await;
    let addr = running.admin.as_ref().unwrap().addr();
    for head in [
        "GET /clock HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /clock HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n",
    ] {
        assert_eq!(send(addr, head, b"").await.0, 403, "{head}");
    }
    let sandbox = Sandbox::new(World::new(1), SandboxConfig::default());
    let config = AdminConfig { listen: ([0, 0, 0, 0], 0).into(), sandbox, keeper: None };
    assert!(matches!(Admin::start(config).await, Err(AdminError::NotLoopback(_))));
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_state_file_keeps_the_world_and_its_clock_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("world.json.zst");
    let state_file = file.to_str().unwrap();
    let running = start(&[("world", "empty"), ("state-file", state_file)]).await;
    ask(&running, "PUT", "/clock", r#"{"now": "2031-01-01T00:00:00Z"}"#).await;
    let (_, volume) = call(&running, "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a").await;
    let (status, saved) = ask(&running, "POST", "/save", "").await;
    assert_eq!((status, saved["saved"].as_str()), (200, Some(state_file)));
    let (_, second) = call(&running, "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a").await;
    running.shutdown().await.unwrap();
    // The sample world is not looked at: the file is there.
    let running = start(&[("world", "sample"), ("state-file", state_file)]).await;
    let (_, volumes) = call(&running, "Action=DescribeVolumes").await;
    assert!(volumes.contains(&element(&volume, "volumeId")) && volumes.contains(&element(&second, "volumeId")));
    let (_, clock) = ask(&running, "GET", "/clock", "").await;
    assert!(clock["now"].as_str().unwrap().starts_with("2031-01-01T00:"), "{clock}");
    running.shutdown().await.unwrap();
}
