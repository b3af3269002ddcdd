//! Sequences of calls that nobody wrote: every operation, with requests that its members make half valid, on one world.
//! What must hold whatever is called is checked after every call.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::Service;
use amictl_model::{ImageId, Moment, SnapshotId};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Entry, all};
use crate::sandbox::Outcome;
use crate::wire::{Protocol, Scalar, Shape, ShapeId, Table, Type, decode_form, decode_json, table_of};
use crate::world::Pace;
use crate::{Caller, Clock, Sandbox, SandboxConfig, World};

/// Numbers that look random and repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    fn hits(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// A client that remembers the ids that it was told.
struct Client {
    sandbox: Sandbox,
    caller: Caller,
    ids: BTreeMap<&'static str, Vec<String>>,
    dice: Dice,
}

/// Kinds of ids, and the members that want them.
const IDS: [(&str, &str); 9] = [
    ("ami-", "ImageId"),
    ("snap-", "SnapshotId"),
    ("vol-", "VolumeId"),
    ("i-", "InstanceId"),
    ("lt-", "LaunchTemplateId"),
    ("ami-", "Image"),
    ("snap-", "Snapshot"),
    ("vol-", "Volume"),
    ("i-", "Instance"),
];

impl Client {
    fn new(now: Moment, pace: Pace) -> Self {
        let mut world = World::new(7);
        world.set_pace(pace);
        let config = SandboxConfig { clock: Clock::fixed(now), ..SandboxConfig::default() };
        let caller = Caller {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            access_key: "123456789012".into(),
        };
        Self { sandbox: Sandbox::new(world, config), caller, ids: BTreeMap::new(), dice: Dice(1) }
    }

    /// Makes a call of whatever the seed says; the answer, or the error's status and code.
    fn call(&mut self, entry: &'static Entry, seed: u64) -> Result<String, (u16, String)> {
        self.dice = Dice(seed);
        let service = entry.spec.service;
        let request = table_of(service).and_then(|table| Some((table, table.requests.get(entry.spec.name)?.shape?)));
        let document = request.map_or_else(|| json!({}), |(table, shape)| self.value(table, shape, "", 0));
        let params = match Protocol::of(service) {
            Protocol::Ec2Query | Protocol::AwsQuery => {
                let mut form = Vec::new();
                flatten(&document, "", Protocol::of(service) == Protocol::AwsQuery, &mut form);
                decode_form(form.join("&").as_bytes()).unwrap()
            }
            _ => decode_json(document.to_string().as_bytes()).unwrap(),
        };
        let answer = match (entry.run)(&self.sandbox, &self.caller, &params).outcome {
            Outcome::Reply(reply) => match reply.written() {
                Some(crate::world::Written::Xml(text)) => Ok(text),
                Some(crate::world::Written::Json(_, value)) => Ok(value.to_string()),
                None => Ok(String::new()),
            },
            Outcome::Fault(fault) => Err((fault.status, format!("{}: {fault} for {document}", entry.spec.name))),
            Outcome::Reset | Outcome::Silence => panic!("{} was not answered", entry.spec.name),
        };
        if let Ok(text) = &answer {
            self.learn(text);
        }
        answer
    }

    fn learn(&mut self, text: &str) {
        for word in text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-')) {
            for (prefix, _) in &IDS[..5] {
                let digits = word.strip_prefix(prefix).unwrap_or_default();
                if digits.len() == 17 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    let known = self.ids.entry(prefix).or_default();
                    if !known.iter().any(|id| id == word) {
                        known.push(word.to_owned());
                    }
                }
            }
        }
    }

    fn value(&mut self, table: &'static Table, shape: ShapeId, name: &str, depth: usize) -> Value {
        match table.shape(shape) {
            Shape::Structure(members) => {
                let mut object = Map::new();
                // The deeper, the less: shapes may hold themselves.
                let chance = [25, 20, 15, 10, 0][depth.min(4)];
                for member in members.iter() {
                    let is_there =
                        if member.is_required { depth < 8 && self.dice.hits(97) } else { self.dice.hits(chance) };
                    let is_control = matches!(member.name, "DryRun" | "NextToken" | "nextToken");
                    if is_there && !(is_control && self.dice.hits(90)) {
                        let value = self.value(table, member.shape, member.name, depth + 1);
                        object.insert(member.name.to_owned(), value);
                    }
                }
                Value::Object(object)
            }
            Shape::List { of, .. } => {
                let count = 1 + self.dice.roll(2);
                (0..count).map(|_| self.value(table, *of, name, depth + 1)).collect()
            }
            Shape::Map { value, .. } => json!({"key": self.value(table, *value, name, depth + 1)}),
            Shape::Scalar(scalar) => self.scalar(scalar, name),
        }
    }

    fn scalar(&mut self, scalar: &Scalar, name: &str) -> Value {
        if self.dice.hits(3) {
            return json!(*self.dice.pick(&[
                "",
                "-1",
                "99999999999999999999",
                "$Latest",
                "ami-12345678",
                "\u{0}é&<",
                "x"
            ]));
        }
        if !scalar.values.is_empty() {
            return json!(*self.dice.pick(&scalar.values));
        }
        match scalar.kind {
            Type::Boolean => json!(self.dice.hits(50)),
            Type::Integer | Type::Long => {
                let (least, most) = (*scalar.bounds.start(), *scalar.bounds.end());
                let number = [1, 2, 5, 7, 8, 30, 100][self.dice.roll(7)];
                json!(number.clamp(least, most.max(least)))
            }
            Type::Float => json!(0.5),
            Type::Timestamp => {
                json!(*self.dice.pick(&["2027-01-01T00:00:00Z", "2026-11-21T09:00:30Z", "2020-01-01T00:00:00Z"]))
            }
            Type::Blob => json!("AAAA"),
            Type::Document => json!({}),
            Type::String => self.text(name),
        }
    }

    fn text(&mut self, name: &str) -> Value {
        let wanted = IDS.iter().find(|(_, member)| name.contains(member)).map(|(prefix, _)| *prefix);
        let wanted = wanted.or_else(|| name.contains("ResourceId").then(|| self.dice.pick(&IDS).0));
        if let Some(known) = wanted.and_then(|prefix| self.ids.get(prefix)) {
            return json!(self.dice.pick(known));
        }
        let choices: &[&str] = match name {
            _ if name.contains("Zone") => &["us-east-1a", "us-east-1b"],
            _ if name.contains("Region") => &["us-east-1", "eu-west-1"],
            _ if name.contains("Owner") || name.contains("User") => &["self", "123456789012", "210987654321"],
            _ if name.contains("Template") && name.contains("Version") || name == "Version" => {
                &["$Latest", "$Default", "1"]
            }
            _ if name.contains("ClientToken") => &["one", "two"],
            _ if name.contains("Attribute") => &["launchPermission", "description", "createVolumePermission"],
            _ if name.contains("DeviceName") => &["/dev/xvda", "/dev/sdf"],
            "Filter" | "Name" => &["web", "story", "name", "tag:app", "/dev/xvda"],
            _ => &["web", "story", "app", "t3.micro", "arn:aws:iam::210987654321:role/audit", "8"],
        };
        json!(*self.dice.pick(choices))
    }
}

/// A document as the parameters of a form.
fn flatten(value: &Value, name: &str, is_query: bool, form: &mut Vec<String>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| flatten(value, &below(member), is_query, form));
        }
        Value::Array(members) => {
            for (at, member) in members.iter().enumerate() {
                let part = if is_query { format!("member.{}", at + 1) } else { (at + 1).to_string() };
                flatten(member, &below(&part), is_query, form);
            }
        }
        scalar => {
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            form.push(format!("{name}={encoded}"));
        }
    }
}

/// What has been seen of a world so far.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    present: BTreeSet<String>,
    /// The snapshots that an image had when it was first seen.
    snapshots: BTreeMap<ImageId, Vec<SnapshotId>>,
}

impl Seen {
    /// Checks what must hold after a call of this operation.
    fn check(&mut self, client: &Client, operation: &str) -> Result<(), TestCaseError> {
        let world = client.sandbox.world();
        let Some(scope) = world.scope(client.caller.account, &client.caller.region) else { return Ok(()) };
        let present: BTreeSet<String> = scope
            .images()
            .map(|image| image.id.to_string())
            .chain(scope.snapshots().map(|snapshot| snapshot.id.to_string()))
            .chain(scope.volumes.keys().map(ToString::to_string))
            .chain(scope.instances().map(|instance| instance.id.to_string()))
            .chain(scope.templates().map(|template| template.id.to_string()))
            .collect();
        for id in present.difference(&self.present) {
            let is_new = self.ids.insert(id.clone());
            prop_assert!(is_new || operation.starts_with("Restore"), "{operation} gave {id} a second time");
        }
        self.present = present;
        for image in scope.images() {
            let had = self.snapshots.entry(image.id.clone()).or_insert_with(|| {
                image.snapshots().filter(|snapshot| scope.snapshots.contains_key(*snapshot)).cloned().collect()
            });
            for snapshot in had {
                prop_assert!(scope.snapshots.contains_key(snapshot), "{operation} deleted {snapshot} of {}", image.id);
            }
        }
        Ok(())
    }
}

/// The operations that make what the others work on come more often than their number.
fn entry_of(number: usize) -> &'static Entry {
    const MAKERS: [&str; 12] = [
        "CreateVolume",
        "CreateSnapshot",
        "RegisterImage",
        "RunInstances",
        "CreateImage",
        "CopyImage",
        "CopySnapshot",
        "DeregisterImage",
        "DisableImage",
        "DeleteSnapshot",
        "CreateLaunchTemplate",
        "RestoreImageFromRecycleBin",
    ];
    let entries: Vec<&'static Entry> = all().filter(|entry| entry.spec.service != Service::S3).collect();
    if number.is_multiple_of(2) {
        let maker = MAKERS[number / 2 % MAKERS.len()];
        if let Some(entry) = entries.iter().find(|entry| entry.spec.name == maker) {
            return entry;
        }
    }
    entries[number / 2 % entries.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_sequence_of_calls_is_answered_and_keeps_what_must_hold(
        calls in prop::collection::vec((any::<usize>(), any::<u64>(), 0..5_u8), 1..60),
        is_slow in any::<bool>(),
    ) {
        let begin: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
        let secs = if is_slow { 40 } else { 0 };
        let pace = Pace { image_secs: secs, snapshot_secs: secs, instance_secs: secs, task_secs: secs };
        let mut client = Client::new(begin, pace);
        // Something to begin with: a volume, a snapshot and an image of it.
        prepare(&mut client);
        let mut seen = Seen::default();
        seen.check(&client, "the beginning")?;
        let mut now = begin;
        for (number, seed, hours) in calls {
            let entry = entry_of(number);
            if hours > 2 {
                now = now.plus_secs(i64::from(hours) * 1800);
                client.sandbox.clock().set(now);
            }
            if let Err((status, error)) = client.call(entry, seed) {
                prop_assert!((400..500).contains(&status), "{error}");
            }
            seen.check(&client, entry.spec.name)?;
        }
    }
}

/// The sequences are worth something only if many of their calls do something.
#[test]
fn half_valid_requests_are_often_valid() {
    let now: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
    let mut client = Client::new(now, Pace::default());
    prepare(&mut client);
    let mut succeeded = BTreeSet::new();
    for number in 0..4_000_usize {
        let entry = entry_of(number);
        if client.call(entry, number as u64 * 0x9e37_79b9).is_ok() {
            succeeded.insert(entry.spec.name);
        }
    }
    let count = all().filter(|entry| entry.spec.service != Service::S3).count();
    assert!(succeeded.len() * 2 > count, "{} of {count}: {succeeded:?}", succeeded.len());
}

/// Calls by hand what makes an image.
fn prepare(client: &mut Client) {
    let mut kept = String::new();
    for (action, form) in [
        ("CreateVolume", "AvailabilityZone=us-east-1a&Size=8"),
        ("CreateSnapshot", "VolumeId=$"),
        (
            "RegisterImage",
            "Name=first&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId=$",
        ),
        ("RunInstances", "ImageId=$&MinCount=1&MaxCount=1&InstanceType=t3.micro"),
    ] {
        let params = decode_form(form.replace('$', &kept).as_bytes()).unwrap();
        let entry = super::find(Service::Ec2, action).unwrap();
        if let Outcome::Reply(reply) = (entry.run)(&client.sandbox, &client.caller, &params).outcome {
            let Some(crate::world::Written::Xml(text)) = reply.written() else { panic!("{action}") };
            client.learn(&text);
        }
        let prefix = match action {
            "CreateVolume" => "vol-",
            "CreateSnapshot" => "snap-",
            _ => "ami-",
        };
        kept = client.ids.get(prefix).map(|ids| ids[0].clone()).unwrap_or_default();
    }
}

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
    let mut client = Client { sandbox, ..Client::new(now, Pace::default()) };
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
