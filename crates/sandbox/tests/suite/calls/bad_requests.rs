//! Whatever comes in, an error of AWS goes out, in the form of the service that was meant.

use hyper::Request;
use hyper::body::Bytes;

use super::door::{Answer, Door, answer, still};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const JSON: &str = "application/x-amz-json-1.1";

async fn post(door: &Door, service: &str, content_type: &str, body: &str) -> Answer {
    answer(door.send(service, Request::post("/").header("content-type", content_type), body).await)
}

#[tokio::test]
async fn a_form_is_a_form() {
    let door = Door::new(still());
    let vpcs = "Action=DescribeVpcs&Version=2016-11-15";
    assert_eq!(post(&door, "ec2", FORM, vpcs).await.status, 200);
    assert_eq!(post(&door, "ec2", "APPLICATION/X-WWW-FORM-URLENCODED", vpcs).await.status, 200);
    for content_type in ["application/json", "text/xml", "x", "é"] {
        assert_eq!(post(&door, "ec2", content_type, vpcs).await.code(), "MissingAction", "{content_type}");
    }
    for (version, code) in [("2016-11-15", None), ("2014-10-01", None), ("2099-01-01", Some("NoSuchVersion"))] {
        let answer = post(&door, "ec2", FORM, &format!("Action=DescribeVpcs&Version={version}")).await;
        assert_eq!((answer.status == 200).then_some("").xor(code), Some(code.unwrap_or_default()), "{answer:?}");
    }
    let groups = post(&door, "autoscaling", FORM, "Action=DescribeAutoScalingGroups&Version=2016-11-15").await;
    assert_eq!(groups.code(), "NoSuchVersion");
}

#[tokio::test]
async fn a_method_that_is_none_of_the_protocol_is_refused() {
    let door = Door::new(still());
    for method in ["PUT", "DELETE", "PATCH", "BREW"] {
        let request = Request::builder().method(method).uri("/");
        let answer = answer(door.send("ec2", request, "Action=DescribeVpcs").await);
        assert_eq!((answer.status, answer.code()), (405, "MethodNotAllowed"));
    }
    let answer = answer(door.send("ec2", Request::get("/?Action=DescribeVpcs"), "").await);
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn json_services_answer_json() {
    let door = Door::new(still());
    let send = async |service: &str, request: hyper::http::request::Builder, body: &str| {
        let response = door.send(service, request, body).await.whole().unwrap();
        let kind = response.headers().get("x-amzn-errortype").map(|kind| kind.to_str().unwrap().to_owned());
        let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        let code = document["__type"].as_str().map(str::to_owned).or(kind).unwrap();
        (response.status().as_u16(), code)
    };
    let target = |name: &str| Request::post("/").header("x-amz-target", name).header("content-type", JSON);
    let unknown = "UnknownOperationException".to_owned();
    for request in [
        target("AmazonSSM.Nothing"),
        target("Nothing"),
        Request::post("/"),
        Request::get("/"),
        Request::post("/").header("x-amz-target", "AmazonSSM.GetParameter").header("content-type", FORM),
    ] {
        assert_eq!(send("ssm", request, "{}").await, (400, unknown.clone()));
    }
    for request in [Request::get("/nothing"), Request::delete("/rules"), Request::post("/rules/a/b/c")] {
        assert_eq!(send("rbin", request, "").await, (404, unknown.clone()));
    }
}

#[tokio::test]
async fn what_is_not_signed_is_refused_in_the_form_that_was_meant() {
    let door = Door::new(still());
    let send = async |request: hyper::http::request::Builder, body: &str| {
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        answer(door.sandbox.respond(request).await)
    };
    let ec2 = send(Request::post("/"), "Action=DescribeVpcs&Version=2016-11-15").await;
    assert_eq!((ec2.status, ec2.code()), (401, "AuthFailure"));
    let sts = send(Request::post("/"), "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!((sts.status, sts.code()), (403, "MissingAuthenticationToken"));
    let ssm = send(Request::post("/").header("x-amz-target", "AmazonSSM.GetParameter"), "{}").await;
    assert!(ssm.text.contains("MissingAuthenticationTokenException"), "{}", ssm.text);
    let rbin = Request::post("/rules").header("content-type", "application/json").body(Bytes::from("{}")).unwrap();
    let rbin = door.sandbox.respond(rbin).await.whole().unwrap();
    assert_eq!(rbin.status().as_u16(), 403);
    assert_eq!(rbin.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
    // Who has only somebody else's token signs nothing.
    let role =
        "Version=2011-06-15&RoleArn=arn:aws:iam::210987654321:role/audit&RoleSessionName=ci&WebIdentityToken=abcd";
    let web = send(Request::post("/"), &format!("Action=AssumeRoleWithWebIdentity&{role}")).await;
    assert_ne!(web.status, 403, "{web:?}");
    let presigned = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256\
                     &X-Amz-Credential=123456789012%2F20261121%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Signature=0";
    assert_eq!(send(Request::get(presigned), "").await.status, 200);
}

#[tokio::test]
async fn parameters_that_are_not_known_are_refused() {
    let door = Door::new(still());
    for (form, code) in [
        ("Action=DescribeImages&Foo=1", "UnknownParameter"),
        ("Action=DescribeImages&Filter.1.Nam=x", "UnknownParameter"),
        ("Action=DescribeImages&ImageId=ami-1", "InvalidParameterValue"),
        ("Action=DescribeImages&ImageId.1.2.3=ami-1", "InvalidParameterValue"),
        ("Action=DescribeImages&MaxResults.1=5", "InvalidParameterValue"),
        ("Action=DescribeImages&IncludeDisabled=2", "InvalidParameterValue"),
        ("Action=DisableImage", "MissingParameter"),
        ("Action=RegisterImage&Name=abc&Architecture=z80", "InvalidParameterValue"),
        ("Action=RegisterImage&Name=abc&BootMode=bios", "InvalidParameterValue"),
        ("Action=RegisterImage&Name=abc&TpmSupport=v1.2", "InvalidParameterValue"),
        ("Action=RegisterImage&Name=abc&ImdsSupport=v1.0", "InvalidParameterValue"),
        ("Action=RegisterImage&Name=abc&VirtualizationType=xen", "InvalidParameterValue"),
        (
            "Action=RegisterImage&Name=abc&TagSpecification.1.ResourceType=snapshot&TagSpecification.1.Tag.1.Key=a",
            "InvalidParameterValue",
        ),
        ("Action=RegisterImage&Name=abc", "MissingParameter"),
    ] {
        let answer = door.ec2(form).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{form}");
    }
    let billing = door.ec2("Action=RegisterImage&Name=abc&BillingProduct.1=bp-6ba54002").await;
    assert_eq!((billing.status, billing.code()), (401, "AuthFailure"));
}
