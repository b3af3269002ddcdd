//! The decoders of what comes from outside, for fuzzing: each takes anything and must not panic. No part of the interface.

use futures::executor::block_on;
use hyper::Request;
use hyper::body::Bytes;

use crate::http::read_signature;
use crate::ops::Ctx;
use crate::page::{key_of_token, token_after};
use crate::{Clock, Delivery, FaultRules, Sandbox, SandboxConfig, World};

/// A form or a query string.
pub fn form(bytes: &[u8]) {
    let _ = crate::wire::decode_form(bytes);
}

/// A JSON document.
pub fn json(bytes: &[u8]) {
    let _ = crate::wire::decode_json(bytes);
}

/// An `Authorization` header.
pub fn authorization(text: &str) {
    read_signature(text);
}

/// A file of fault rules: what is read can be written and read again.
///
/// # Panics
/// When it cannot.
pub fn fault_rules(text: &str) {
    let Ok(rules) = serde_json::from_str::<FaultRules>(text) else { return };
    let again = serde_json::to_string(&rules).and_then(|text| serde_json::from_str::<FaultRules>(&text));
    // Of a probability the last digit may be lost on the way.
    assert_eq!(again.map(|again| again.rules.len()).ok(), Some(rules.rules.len()), "what was written is read");
}

/// A page token: what stands for a key is what was made of this key.
///
/// # Panics
/// When a token is taken that was not made.
pub fn page_token(text: &str) {
    let (Ok(account), Ok(region)) = ("123456789012".parse(), "us-east-1".parse()) else { return };
    let ctx = Ctx::at(account, region, amictl_model::Moment::from_secs(0));
    if let Ok(key) = key_of_token(&ctx, "DescribeImages", text) {
        assert_eq!(token_after(&ctx, "DescribeImages", &key), text, "only what was made is taken");
    }
    let token = token_after(&ctx, "DescribeImages", text);
    assert_eq!(key_of_token(&ctx, "DescribeImages", &token).as_deref(), Ok(text), "what was made is taken");
}

/// A whole request, as lines: the service that it is signed for, method, path with query, content type, target; the rest is
/// the body.
///
/// # Panics
/// When the answer is none of a client's errors and no reply.
pub fn request(bytes: &[u8]) {
    let mut lines = bytes.splitn(6, |byte| *byte == b'\n');
    let mut line = || lines.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let (service, method, path, content_type, target) = (line(), line(), line(), line(), line());
    let body = Bytes::copy_from_slice(lines.next().unwrap_or_default());
    let mut builder = Request::builder().method(method).uri(path);
    let signature = format!("AWS4-HMAC-SHA256 Credential=123456789012/20261121/us-east-1/{service}/aws4_request");
    for (name, value) in
        [("authorization", signature.as_str()), ("content-type", content_type), ("x-amz-target", target)]
    {
        if !value.is_empty() {
            builder = builder.header(name, value);
        }
    }
    let Ok(request) = builder.body(body) else { return };
    let config =
        SandboxConfig { clock: Clock::fixed(amictl_model::Moment::from_secs(1_763_715_600)), ..Default::default() };
    let sandbox = Sandbox::new(World::new(1), config);
    let Delivery::Whole(response) = block_on(sandbox.respond(request)) else { panic!("every request is answered") };
    assert!(response.status().as_u16() < 500 || service == "s3", "{response:?}");
}
