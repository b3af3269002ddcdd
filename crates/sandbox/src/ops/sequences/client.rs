//! A client that makes calls that nobody wrote: requests of what an operation takes and of what the client was told.

use std::collections::BTreeMap;

use amictl_cloud::Service;
use amictl_model::Moment;
use serde_json::{Map, Value, json};

use super::known::Known;
use crate::ops::Entry;
use crate::sandbox::Outcome;
use crate::wire::{Params, Protocol, Scalar, Shape, ShapeId, Table, Type, decode_form, decode_json, table_of};
use crate::world::Pace;
use crate::{Caller, Clock, Sandbox, SandboxConfig, World};

/// Numbers that look random and repeat.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    pub(super) fn hits(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// A client that remembers the ids that it was told.
pub(super) struct Client {
    pub(super) sandbox: Sandbox,
    pub(super) caller: Caller,
    pub(super) ids: BTreeMap<&'static str, Vec<String>>,
    /// How often something was prepared.
    pub(super) prepared: usize,
    known: Known,
    dice: Dice,
    /// The service that is called.
    service: Service,
    /// How many of a hundred members are there that need not be.
    chance: usize,
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
    pub(super) fn new(now: Moment, pace: Pace) -> Self {
        let mut world = World::new(7);
        world.set_pace(pace);
        let config = SandboxConfig { clock: Clock::fixed(now), ..SandboxConfig::default() };
        let caller = Caller {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            access_key: "123456789012".into(),
        };
        Self {
            sandbox: Sandbox::new(world, config),
            caller,
            ids: BTreeMap::new(),
            prepared: 0,
            known: Known::default(),
            dice: Dice(1),
            service: Service::Ec2,
            chance: 0,
        }
    }

    /// Makes a call of whatever the seed says; the answer, or the error's status and code.
    pub(super) fn call(&mut self, entry: &'static Entry, seed: u64) -> Result<String, (u16, String)> {
        self.dice = Dice(seed);
        self.service = entry.spec.service;
        self.chance = *self.dice.pick(&[4, 10, 25]);
        let request = table_of(self.service);
        let request = request.and_then(|table| Some((table, table.requests.get(entry.spec.name)?.shape?)));
        let document = request.map_or_else(|| json!({}), |(table, shape)| self.value(table, shape, "", 0));
        self.send(entry, &document)
    }

    /// Makes the call that a document says, and remembers what was said in it and in the answer if it succeeds.
    pub(super) fn send(&mut self, entry: &'static Entry, document: &Value) -> Result<String, (u16, String)> {
        let service = entry.spec.service;
        let params = params_of(service, document);
        let answer = match (entry.run)(&self.sandbox, &self.caller, &params).outcome {
            Outcome::Reply(reply) => match reply.written() {
                Some(crate::world::Written::Xml(text)) => {
                    self.known.tell_xml(service, &text);
                    text
                }
                Some(crate::world::Written::Json(_, value)) => {
                    self.known.tell_json(service, "", &value);
                    value.to_string()
                }
                None => String::new(),
            },
            Outcome::Fault(fault) => {
                return Err((fault.status, format!("{}: {fault} for {document}", entry.spec.name)));
            }
            Outcome::Reset | Outcome::Silence => panic!("{} was not answered", entry.spec.name),
        };
        self.known.tell_json(service, "", document);
        self.learn(&answer);
        Ok(answer)
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
                let chance = [self.chance, 20, 15, 10, 0][depth.min(4)];
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
        let is_id = matches!(self.service, Service::Ec2 | Service::Ebs)
            && !(name.ends_with("Name") || name.contains("Request"));
        let wanted = IDS
            .iter()
            .find(|(_, member)| name.contains(member) || name == "snapshotId" && *member == "SnapshotId")
            .map(|(prefix, _)| *prefix);
        let wanted = wanted.or_else(|| name.contains("ResourceId").then(|| self.dice.pick(&IDS).0));
        if let Some(prefix) = wanted.filter(|_| is_id) {
            let living = self.living(prefix);
            if !living.is_empty() && self.dice.hits(90) {
                return json!(self.dice.pick(&living));
            }
            if let Some(known) = self.ids.get(prefix) {
                return json!(self.dice.pick(known));
            }
        }
        let is_new = self.dice.hits(if name.ends_with("Name") || name == "name" { 40 } else { 15 });
        if !is_new && let Some(known) = self.known.pick(&mut self.dice, self.service, name) {
            return json!(known);
        }
        let choices: &[&str] = match name {
            _ if name.contains("Zone") => &["us-east-1a", "us-east-1b"],
            _ if name.contains("Region") => &["us-east-1", "eu-west-1"],
            _ if name.contains("Owner") || name.contains("User") => &["self", "123456789012", "210987654321"],
            _ if name.contains("Group") && self.service == Service::Ec2 => &["all", "default"],
            _ if name.contains("Template") && name.contains("Version") || name == "Version" => {
                &["$Latest", "$Default", "1"]
            }
            _ if name.contains("ClientToken") => &["one", "two"],
            "AttributeName" => &["DisplayName", "Policy"],
            _ if name.contains("Attribute") => &["launchPermission", "description", "createVolumePermission"],
            _ if name.contains("DeviceName") => &["/dev/xvda", "/dev/sdf"],
            _ if name.ends_with("Processes") => &["Launch", "Terminate"],
            "AccountId" => &["123456789012"],
            "Path" => &["/", "/golden"],
            "ServiceCode" => &["ec2"],
            "TypeName" => &["AWS::EKS::Nodegroup", "AWS::Batch::ComputeEnvironment"],
            "Filter" | "Name" => &["web", "story", "name", "tag:app", "/dev/xvda"],
            _ => &["web", "story", "app", "t3.micro", "arn:aws:iam::210987654321:role/audit", "8"],
        };
        json!(*self.dice.pick(choices))
    }

    /// The ids of a kind that there are.
    fn living(&self, prefix: &str) -> Vec<String> {
        let world = self.sandbox.world();
        let Some(scope) = world.scope(self.caller.account, &self.caller.region) else { return Vec::new() };
        match prefix {
            "ami-" => scope.images().map(|image| image.id.to_string()).take(LIVING_MAX).collect(),
            "snap-" => scope.snapshots().map(|snapshot| snapshot.id.to_string()).take(LIVING_MAX).collect(),
            "vol-" => scope.volumes.keys().map(ToString::to_string).take(LIVING_MAX).collect(),
            "i-" => scope.instances().map(|instance| instance.id.to_string()).take(LIVING_MAX).collect(),
            _ => scope.templates().map(|template| template.id.to_string()).take(LIVING_MAX).collect(),
        }
    }
}

/// So many ids of a kind are offered.
const LIVING_MAX: usize = 20;

/// A document as the parameters of a request to a service.
fn params_of(service: Service, document: &Value) -> Params {
    match Protocol::of(service) {
        Protocol::Ec2Query | Protocol::AwsQuery => {
            let mut form = Vec::new();
            flatten(document, "", Protocol::of(service) == Protocol::AwsQuery, &mut form);
            decode_form(form.join("&").as_bytes()).unwrap()
        }
        _ => decode_json(document.to_string().as_bytes()).unwrap(),
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
