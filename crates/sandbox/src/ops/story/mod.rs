//! Every operation once, on the wire's parameters: each mutating one of EC2 first as a dry run, which must change nothing.

mod life;

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::{Effect, Service};
use amictl_model::Moment;
use proptest::prelude::*;

use super::{all, find};
use crate::sandbox::Outcome;
use crate::wire::{Body, Params, Xml, decode_form, decode_json};
use crate::{Caller, Clock, Fault, Sandbox, SandboxConfig, World};

struct Story {
    sandbox: Sandbox,
    caller: Caller,
    seen: BTreeSet<(Service, &'static str)>,
    names: BTreeMap<&'static str, String>,
}

fn story() -> Story {
    let clock = Clock::fixed("2026-11-21T09:00:00Z".parse::<Moment>().unwrap());
    let caller = Caller {
        account: "123456789012".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        access_key: "123456789012".into(),
    };
    let config = SandboxConfig { clock, ..SandboxConfig::default() };
    Story { sandbox: Sandbox::new(World::new(1), config), caller, seen: BTreeSet::new(), names: BTreeMap::new() }
}

impl Story {
    fn send(&self, service: Service, action: &str, params: &Params) -> Result<String, Fault> {
        let entry = find(service, action).unwrap_or_else(|| panic!("{action} is not in the table"));
        match (entry.run)(&self.sandbox, &self.caller, params) {
            Outcome::Reply(reply) => {
                let reply = match reply {
                    Body::Xml(reply) => reply,
                    Body::Json(json) => return Ok(json.value.to_string()),
                };
                let mut xml = Xml::default();
                reply.encode(&mut xml);
                Ok(xml.finish())
            }
            Outcome::Fault(fault) => Err(fault),
            Outcome::Reset => panic!("{action} was reset"),
        }
    }

    fn state(&self) -> String {
        let world = self.sandbox.world();
        world
            .scopes()
            .filter(|(_, _, scope)| scope.tagged().next().is_some())
            .map(|scope| format!("{scope:?}"))
            .collect()
    }

    /// Does an operation; `$name` in the form is what was remembered under this name.
    fn does(&mut self, service: Service, action: &'static str, form: &str) -> String {
        let mut form = form.to_owned();
        for (name, value) in &self.names {
            form = form.replace(&format!("${name}"), value);
        }
        let spec = find(service, action).unwrap_or_else(|| panic!("{action} is not in the table")).spec;
        self.seen.insert((service, spec.name));
        if service == Service::Ec2 {
            let before = self.state();
            let params = decode_form(format!("{form}&DryRun=true").as_bytes()).unwrap();
            let fault = self.send(service, action, &params).unwrap_err();
            assert_eq!((fault.code.as_ref(), fault.status), ("DryRunOperation", 412), "{action}: {fault}");
            if spec.effect == Effect::Mutating {
                assert_eq!(self.state(), before, "{action} changed something in a dry run");
            }
        }
        let params = decode_form(form.as_bytes()).unwrap();
        self.send(service, action, &params).unwrap_or_else(|fault| panic!("{action}: {fault}"))
    }

    fn ec2(&mut self, action: &'static str, form: &str) -> String {
        self.does(Service::Ec2, action, form)
    }

    fn group(&mut self, action: &'static str, form: &str) -> String {
        self.does(Service::AutoScaling, action, form)
    }

    /// Does an operation of a JSON service; `$name` in the document is what was remembered under this name.
    fn json(&mut self, service: Service, action: &'static str, document: &serde_json::Value) -> serde_json::Value {
        let mut text = document.to_string();
        for (name, value) in &self.names {
            text = text.replace(&format!("${name}"), value);
        }
        self.seen.insert((service, find(service, action).unwrap().spec.name));
        let reply = self.send(service, action, &decode_json(text.as_bytes()).unwrap());
        serde_json::from_str(&reply.unwrap_or_else(|fault| panic!("{action}: {fault}"))).unwrap()
    }

    /// Does an operation and remembers the text of an element of its reply.
    fn keep(&mut self, name: &'static str, action: &'static str, form: &str, element: &str) {
        let reply = self.ec2(action, form);
        let text = reply.split(&format!("<{element}>")).nth(1).and_then(|rest| rest.split('<').next());
        self.names.insert(name, text.unwrap_or_else(|| panic!("{reply}")).to_owned());
    }
}

/// The tales; together they tell of every operation. Each begins in a world of its own.
const TALES: &[fn(&mut Story)] = &[life::tell];

#[test]
fn every_operation_answers_and_dry_runs_change_nothing() {
    let mut seen = BTreeSet::new();
    for tell in TALES {
        let mut story = story();
        tell(&mut story);
        seen.append(&mut story.seen);
    }
    let name = |entry: &'static super::Entry| (entry.spec.service, entry.spec.name);
    let missing: Vec<_> = super::all().map(name).filter(|name| !seen.contains(name)).collect();
    assert_eq!(missing, Vec::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Parameters of the right names with any values never make an operation panic.
    #[test]
    fn any_parameters_are_answered(
        at in 0..all().count(),
        parameters in prop::collection::vec((
            prop::sample::select(vec![
                "ImageId", "ImageId.1", "SnapshotId", "SnapshotId.1", "InstanceId.1", "Name", "MaxResults", "MaxRecords",
                "NextToken", "Filter.1.Name", "Filter.1.Value.1", "LaunchTemplateId", "LaunchTemplateName", "DeprecateAt",
                "LaunchTemplateVersion.1", "MinVersion", "Attribute", "ResourceId.1", "Tag.1.Key", "Owner.1", "RoleArn",
                "RoleSessionName", "DurationSeconds", "AutoScalingGroupName", "MinSize", "MaxSize", "MinCount", "MaxCount",
                "BlockDeviceMapping.1.DeviceName", "BlockDeviceMapping.1.Ebs.SnapshotId", "LaunchTemplateData.ImageId",
                "SourceRegion", "SourceImageId", "Size", "AvailabilityZone", "ImageLocation", "ExecutableBy.1",
            ]),
            prop_oneof!["[ -~]{0,12}", "ami-[0-9a-f]{8}", "-?[0-9]{1,20}", Just("$Latest".to_owned()), any::<String>()],
        ), 0..8),
    ) {
        let mut params = Params::default();
        for (name, value) in parameters {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let one = decode_form(format!("{name}={encoded}").as_bytes()).unwrap();
            params = params.overlaid(&one);
        }
        let story = story();
        let entry = all().nth(at).unwrap();
        if let Err(fault) = story.send(entry.spec.service, entry.spec.name, &params) {
            prop_assert!((400..500).contains(&fault.status), "{}: {fault}", entry.spec.name);
        }
    }

    /// Whatever bytes come in as a form, they are read or refused.
    #[test]
    fn any_form_is_read_or_refused(form in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_form(&form);
    }
}
