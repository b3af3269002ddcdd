//! S3 through the door of bytes: what clients send is what is stored, and what goes wrong is said as S3 says it.

use amictl_sandbox::{FaultKind, FaultRule, Sandbox, SandboxConfig, World};
use hyper::body::Bytes;
use hyper::{Request, Response};

const ACCOUNT: &str = "123456789012";

fn sandbox() -> Sandbox {
    Sandbox::new(World::new(1), SandboxConfig::default())
}

fn request_of(account: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request<Bytes> {
    let scope = format!("AWS4-HMAC-SHA256 Credential={account}/20261121/us-east-1/s3/aws4_request, Signature=0");
    let mut request = Request::builder().method(method).uri(target).header("host", "127.0.0.1:4599");
    request = request.header("authorization", scope).header("content-length", body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::copy_from_slice(body)).unwrap()
}

async fn send(sandbox: &Sandbox, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Response<Bytes> {
    sandbox.respond(request_of(ACCOUNT, method, target, headers, body)).await.whole().unwrap()
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The status, and the code of an error.
fn outcome(response: &Response<Bytes>) -> (u16, String) {
    let text = text(response);
    let code = text.split("<Code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    (response.status().as_u16(), code.to_owned())
}

#[tokio::test]
async fn objects_are_written_read_and_deleted() {
    let sandbox = sandbox();
    assert_eq!(send(&sandbox, "PUT", "/images", &[], b"").await.status(), 200);
    let headers = [("content-type", "text/plain"), ("x-amz-meta-who", "me")];
    let put = send(&sandbox, "PUT", "/images/a%20b/c", &headers, b"hello").await;
    assert_eq!(
        (put.status().as_u16(), &put.headers()["etag"]),
        (200, &"\"5d41402abc4b2a76b9719d911017c592\"".parse().unwrap())
    );
    let got = send(&sandbox, "GET", "/images/a%20b/c", &[("range", "bytes=1-3")], b"").await;
    assert_eq!((got.status().as_u16(), text(&got).as_str()), (206, "ell"));
    assert_eq!(got.headers()["content-range"], "bytes 1-3/5");
    let head = send(&sandbox, "HEAD", "/images/a%20b/c", &[], b"").await;
    assert_eq!(
        (&head.headers()["x-amz-meta-who"], &head.headers()["content-length"]),
        (&"me".parse().unwrap(), &"5".parse().unwrap())
    );
    assert!(head.body().is_empty() && head.headers().contains_key("x-amz-request-id"));
    assert_eq!(
        sandbox.world().s3.object("images", "a b/c").map(|object| object.body.to_vec()),
        Some(b"hello".to_vec())
    );
    assert_eq!(outcome(&send(&sandbox, "DELETE", "/images", &[], b"").await), (409, "BucketNotEmpty".to_owned()));
    assert_eq!(send(&sandbox, "DELETE", "/images/a%20b/c", &[], b"").await.status(), 204);
    assert_eq!(outcome(&send(&sandbox, "GET", "/images/a%20b/c", &[], b"").await), (404, "NoSuchKey".to_owned()));
    assert_eq!(send(&sandbox, "DELETE", "/images", &[], b"").await.status(), 204);
    assert_eq!(
        outcome(&send(&sandbox, "GET", "/images?list-type=2", &[], b"").await),
        (404, "NoSuchBucket".to_owned())
    );
}

#[tokio::test]
async fn chunked_uploads_are_decoded_and_their_checksums_checked() {
    let sandbox = sandbox();
    send(&sandbox, "PUT", "/images", &[], b"").await;
    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("content-encoding", "aws-chunked"),
    ];
    let right = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    let put = send(&sandbox, "PUT", "/images/k", &headers, right).await;
    assert_eq!((put.status().as_u16(), &put.headers()["x-amz-checksum-crc32"]), (200, &"NhCmhg==".parse().unwrap()));
    assert_eq!(text(&send(&sandbox, "GET", "/images/k", &[], b"").await), "hello");
    let wrong = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    assert_eq!(outcome(&send(&sandbox, "PUT", "/images/k", &headers, wrong).await), (400, "BadDigest".to_owned()));
    let cut = b"5\r\nhel";
    assert_eq!(outcome(&send(&sandbox, "PUT", "/images/k", &headers, cut).await), (400, "IncompleteBody".to_owned()));
}

#[tokio::test]
async fn what_does_not_hold_or_is_anothers_is_refused() {
    let sandbox = sandbox();
    send(&sandbox, "PUT", "/images", &[], b"").await;
    send(&sandbox, "PUT", "/images/k", &[], b"one").await;
    let exclusive = send(&sandbox, "PUT", "/images/k", &[("if-none-match", "*")], b"two").await;
    assert_eq!(outcome(&exclusive), (412, "PreconditionFailed".to_owned()));
    let stale = send(&sandbox, "PUT", "/images/k", &[("if-match", "\"0\"")], b"two").await;
    assert_eq!(outcome(&stale), (412, "PreconditionFailed".to_owned()));
    let foreign = sandbox.respond(request_of("999999999999", "GET", "/images/k", &[], b"")).await.whole().unwrap();
    assert_eq!(outcome(&foreign), (403, "AccessDenied".to_owned()));
    assert_eq!(outcome(&send(&sandbox, "PUT", "/Bad_Name", &[], b"").await), (400, "InvalidBucketName".to_owned()));
    assert_eq!(outcome(&send(&sandbox, "PUT", "/images?versioning", &[], b"<no").await).0, 400);
}

#[tokio::test]
async fn the_gate_stands_before_s3_as_well() {
    let sandbox = sandbox();
    send(&sandbox, "PUT", "/images", &[], b"").await;
    sandbox.set_faults(vec![FaultRule::new("PutObject", FaultKind::Throttle)].into());
    assert_eq!(outcome(&send(&sandbox, "PUT", "/images/k", &[], b"x").await), (503, "SlowDown".to_owned()));
    assert!(sandbox.world().s3.object("images", "k").is_none());
    sandbox.set_faults(vec![FaultRule::new("PutObject", FaultKind::Reset).after_effect()].into());
    assert!(sandbox.respond(request_of(ACCOUNT, "PUT", "/images/k", &[], b"x")).await.whole().is_none());
    assert!(sandbox.world().s3.object("images", "k").is_some());
    assert_eq!(sandbox.counts()["PutObject"].calls, 2);
}

#[tokio::test]
async fn versions_are_kept_and_listed() {
    let sandbox = sandbox();
    send(&sandbox, "PUT", "/images", &[], b"").await;
    let enable = b"<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(send(&sandbox, "PUT", "/images?versioning", &[], enable).await.status(), 200);
    let first = send(&sandbox, "PUT", "/images/k", &[], b"one").await;
    let version = first.headers()["x-amz-version-id"].to_str().unwrap().to_owned();
    send(&sandbox, "PUT", "/images/k", &[], b"two").await;
    let deleted = send(&sandbox, "DELETE", "/images/k", &[], b"").await;
    assert_eq!(deleted.headers()["x-amz-delete-marker"], "true");
    assert_eq!(text(&send(&sandbox, "GET", &format!("/images/k?versionId={version}"), &[], b"").await), "one");
    let listed = text(&send(&sandbox, "GET", "/images?versions", &[], b"").await);
    assert_eq!((listed.matches("<Version>").count(), listed.matches("<DeleteMarker>").count()), (2, 1), "{listed}");
}

#[tokio::test]
async fn a_bucket_may_stand_in_the_hosts_name_and_the_caller_in_the_query() {
    let sandbox = sandbox();
    send(&sandbox, "PUT", "/images", &[], b"").await;
    send(&sandbox, "PUT", "/images/k", &[], b"one").await;
    let mut request = request_of(ACCOUNT, "GET", "/k", &[], b"");
    request.headers_mut().insert("host", "images.s3.localhost:4599".parse().unwrap());
    assert_eq!(text(&sandbox.respond(request).await.whole().unwrap()), "one");
    for query in [
        format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCOUNT}%2F20261121%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0"
        ),
        format!("AWSAccessKeyId={ACCOUNT}&Signature=x%3D&Expires=4102444800"),
    ] {
        let request =
            Request::builder().uri(format!("/images/k?{query}")).header("host", "127.0.0.1").body(Bytes::new());
        let response = sandbox.respond(request.unwrap()).await.whole().unwrap();
        assert_eq!((response.status().as_u16(), text(&response).as_str()), (200, "one"), "{query}");
    }
}
