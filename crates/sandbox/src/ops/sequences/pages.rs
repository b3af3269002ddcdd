//! The pages of a list hold together what the list holds.

use std::collections::BTreeSet;

use amictl_model::Moment;

use super::client::Client;
use crate::ops::all;
use crate::sandbox::Outcome;
use crate::wire::{Protocol, Shape, decode_form, table_of};
use crate::world::Pace;
use crate::{Clock, Sandbox, SandboxConfig};

/// The content of the first list among the elements of a reply.
fn listed(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let name = &rest[start + 1..start + rest[start..].find('>')?];
        let end = format!("</{name}>");
        let content = &rest[start + name.len() + 2..start + rest[start..].find(&end)?];
        if content.starts_with("<item>") || content.starts_with("<member>") {
            return Some((name, content));
        }
        rest = &rest[start + rest[start..].find(&end)? + end.len()..];
    }
    None
}

/// What is compared: everything in order, or what a reservation holds where pages may divide it.
fn comparable(operation: &str, content: &str) -> Vec<String> {
    if operation == "DescribeInstances" {
        return content.split("<instanceId>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    }
    vec![content.to_owned()]
}

#[test]
fn the_pages_of_every_list_are_in_sum_the_list() {
    let now: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
    let config = SandboxConfig { clock: Clock::fixed(now), ..SandboxConfig::default() };
    let sandbox = Sandbox::new(crate::sample(now), config);
    let mut client = Client::new(now, Pace::default());
    client.sandbox = sandbox;
    client.caller.account = "123456789012".parse().unwrap();
    let mut compared = BTreeSet::new();
    for entry in all() {
        let (service, name) = (entry.spec.service, entry.spec.name);
        let is_query = matches!(Protocol::of(service), Protocol::Ec2Query | Protocol::AwsQuery);
        let Some(table) = table_of(service).filter(|_| is_query) else { continue };
        let Some(Shape::Structure(members)) = table.requests[name].shape.map(|shape| table.shape(shape)) else {
            continue;
        };
        let limit = members.iter().find(|member| matches!(member.name, "MaxResults" | "MaxRecords"));
        let Some(limit) = limit.filter(|_| members.iter().any(|member| member.name == "NextToken")) else { continue };
        let Shape::Scalar(bounds) = table.shape(limit.shape) else { panic!("{name}") };
        let at_once = 5.max(*bounds.bounds.start());
        let send = |form: &str| {
            let params = decode_form(form.as_bytes()).unwrap();
            match (entry.run)(&client.sandbox, &client.caller, &params).outcome {
                Outcome::Reply(reply) => match reply.written() {
                    Some(crate::world::Written::Xml(text)) => Some(text),
                    _ => None,
                },
                _ => None,
            }
        };
        // What needs more to be asked is told in a tale.
        let Some(whole) = send("") else { continue };
        if whole.contains("<nextToken>") || whole.contains("<NextToken>") {
            continue;
        }
        let Some((list, whole)) = listed(&whole) else { continue };
        let mut together = Vec::new();
        let mut pages = 0;
        let mut token = String::new();
        loop {
            let page = send(&format!("{}={at_once}{token}", limit.name)).unwrap_or_else(|| panic!("{name} {token}"));
            pages += 1;
            if let Some((_, content)) = listed(&page) {
                together.extend(comparable(name, content));
            }
            let next = ["<nextToken>", "<NextToken>"].iter().find_map(|tag| page.split(tag).nth(1));
            let Some(next) = next.and_then(|rest| rest.split('<').next()) else { break };
            token = format!("&NextToken={next}");
            assert!(pages < 10_000, "{name} never ends");
        }
        let mut whole = comparable(name, whole);
        if name == "DescribeInstances" {
            together.sort_unstable();
            whole.sort_unstable();
        }
        let (together, whole) = (together.concat(), whole.concat());
        assert!(together == whole, "{name}: {list} in {pages} pages\n{together}\n{whole}");
        compared.insert((name, pages > 1));
    }
    for name in
        ["DescribeImages", "DescribeSnapshots", "DescribeInstances", "DescribeVolumes", "DescribeLaunchTemplates"]
    {
        assert!(compared.contains(&(name, true)), "{name} has one page only: {compared:?}");
    }
}
