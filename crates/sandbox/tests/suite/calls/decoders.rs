//! Whatever comes from outside is read or refused: the plain twins of the fuzz targets in `fuzz/`.

use amictl_sandbox::fuzzing;
use proptest::prelude::*;

/// Text of the characters that the decoder gives a meaning to, and some others.
fn of(alphabet: &'static str, length: usize) -> impl Strategy<Value = String> {
    let characters: Vec<char> = alphabet.chars().collect();
    prop::collection::vec(prop::sample::select(characters), 0..length).prop_map(|text| text.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn forms(noise in prop::collection::vec(any::<u8>(), 0..200), form in of("aB1.&=%2fF+é", 80)) {
        fuzzing::form(&noise);
        fuzzing::form(form.as_bytes());
    }

    #[test]
    fn documents(noise in prop::collection::vec(any::<u8>(), 0..200), document in of("{}[]\":,1-.e\\utrfalsn ", 80)) {
        fuzzing::json(&noise);
        fuzzing::json(document.as_bytes());
    }

    #[test]
    fn signatures(noise in any::<String>(), scope in of("AK12/ec-usaw4_rqt%,= é", 60)) {
        fuzzing::authorization(&noise);
        fuzzing::authorization(&format!("AWS4-HMAC-SHA256 Credential={scope}"));
        fuzzing::authorization(&format!("AWS4-HMAC-SHA256 Credential={scope}/us-east-1/ec2/aws4_request"));
    }

    #[test]
    fn rules(
        noise in any::<String>(),
        kind in prop_oneof![
            Just("\"reset\""), Just("\"truncate\""), Just("{\"stall\":{}}"), Just("{\"stall\":{\"millis\":-1}}"), Just("7"),
        ],
        when in prop_oneof![
            Just("\"always\"".to_owned()),
            any::<i64>().prop_map(|number| format!("{{\"nth\":{number}}}")),
            any::<f64>().prop_map(|number| format!("{{\"probability\":{number}}}")),
            of("{}[]\":,1nth", 12),
        ],
    ) {
        fuzzing::fault_rules(&noise);
        fuzzing::fault_rules(&format!("{{\"rules\":[{{\"operation\":\"*\",\"when\":{when},\"kind\":{kind}}}]}}"));
    }

    #[test]
    fn page_tokens(noise in any::<String>(), token in of("0123456789abcdefABCDEF+", 64)) {
        fuzzing::page_token(&noise);
        fuzzing::page_token(&token);
    }

    #[test]
    fn requests(
        service in prop::sample::select(vec![
            "ec2", "autoscaling", "sts", "ssm", "rbin", "imagebuilder", "servicequotas", "organizations",
            "cloudcontrolapi", "ebs", "sns", "nothing", "",
        ]),
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "BREW"]),
        path in of("/%2frulesidntf-?=&é1:.+", 40),
        content_type in prop::sample::select(vec![
            "", "application/x-www-form-urlencoded", "application/x-amz-json-1.1", "application/json", "text/xml",
        ]),
        action in prop::sample::select(vec![
            "DescribeImages", "RegisterImage", "GetParameter", "GetCallerIdentity", "CreateRule", "Nothing",
        ]),
        body in prop_oneof![of("{}[]\":,1aN<>/&=%.", 80), any::<String>()],
    ) {
        let head = format!("{service}\n{method}\n/{path}\n{content_type}\nTarget.{action}\n");
        fuzzing::request(format!("{head}{body}").as_bytes());
        fuzzing::request(format!("{head}Action={action}&{body}").as_bytes());
        fuzzing::request(format!("{head}{{\"Name\": {body}}}").as_bytes());
    }
}
