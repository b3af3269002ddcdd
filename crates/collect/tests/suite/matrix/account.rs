//! An account in a sandbox, in which the operations of AWS make what a row of the matrix needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_model::{AccountId, Moment, Region, Tags};
use amictl_sandbox::world::{CloudResource, Pace};
use amictl_sandbox::{Clock, Sandbox, SandboxConfig, World};
use hyper::Request;
use hyper::body::Bytes;
use serde_json::Value;

/// The account.
pub(crate) struct Account {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Clock,
    /// What `$name` stands for in requests.
    names: BTreeMap<String, String>,
}

pub(crate) fn id() -> AccountId {
    "123456789012".parse().unwrap()
}

pub(crate) fn region() -> Region {
    "us-east-1".parse().unwrap()
}

/// Tasks take an hour, so that whatever is begun is under way.
const SLOW: Pace = Pace { image_secs: 0, snapshot_secs: 0, instance_secs: 0, task_secs: 3600, usage_secs: 0 };

impl Account {
    /// An account with three old images: `$image`, `$other` and `$idle`; what is asked to use `$image` uses `$other` if `without`.
    pub(crate) fn new(without: bool) -> Self {
        let clock = Clock::fixed("2026-08-13T09:00:00Z".parse::<Moment>().unwrap());
        let sandbox = Sandbox::new(World::new(1), SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() });
        let mut account = Self { sandbox, clock, names: BTreeMap::new() };
        let volume = account.ec2("CreateVolume&AvailabilityZone=us-east-1a&Size=8", "volumeId");
        let snapshot = account.ec2(&format!("CreateSnapshot&VolumeId={volume}"), "snapshotId");
        for name in ["image", "other", "idle"] {
            let image = account.ec2(
                &format!(
                    "RegisterImage&Name={name}&RootDeviceName=/dev/xvda&VirtualizationType=hvm&Architecture=x86_64\
                     &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
                ),
                "imageId",
            );
            account.names.insert(name.to_owned(), image);
        }
        account.clock.set(account.clock.now().plus_secs(100 * 86_400));
        account.sandbox.world().set_pace(SLOW);
        account.names.insert("asked".to_owned(), account.names["image"].clone());
        if without {
            let other = account.names["other"].clone();
            account.names.insert("image".to_owned(), other);
        }
        account
    }

    /// What is known by this name.
    pub(crate) fn name(&self, name: &str) -> &str {
        &self.names[name]
    }

    /// Remembers something by a name.
    pub(crate) fn keep(&mut self, name: &str, text: String) {
        self.names.insert(name.to_owned(), text);
    }

    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // The longest name first: one may be the beginning of another.
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, value) in names {
            text = text.replace(&format!("${name}"), value);
        }
        text
    }

    fn send(&self, service: &str, method: &str, path: &str, head: &[(&str, &str)], body: &str) -> String {
        let credential = format!("Credential=123456789012/20261121/us-east-1/{service}/aws4_request");
        let authorization = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
        let mut request =
            Request::builder().method(method).uri(path).header("host", "x").header("authorization", authorization);
        for (name, value) in head {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(self.filled(body))).unwrap();
        let response = futures::executor::block_on(self.sandbox.respond(request)).whole().unwrap();
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        assert!(response.status().is_success(), "{body}: {text}");
        text
    }

    /// Does an operation of EC2, written `Action&Parameter=value`; gives the text of an element of the reply, or nothing.
    pub(crate) fn ec2(&self, form: &str, element: &str) -> String {
        let reply = self.send("ec2", "POST", "/", &[], &format!("Version=2016-11-15&Action={form}"));
        if element.is_empty() {
            return String::new();
        }
        let found = reply.split(&format!("<{element}>")).nth(1).and_then(|rest| rest.split('<').next());
        found.unwrap_or_else(|| panic!("no {element} in {reply}")).to_owned()
    }

    /// Does an operation of Auto Scaling.
    pub(crate) fn group(&self, form: &str) {
        self.send("autoscaling", "POST", "/", &[], &format!("Version=2011-01-01&Action={form}"));
    }

    /// Does an operation of EMR.
    pub(crate) fn emr(&self, operation: &str, members: &Value) -> Value {
        let target = format!("ElasticMapReduce.{operation}");
        let head = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
        let reply = self.send("elasticmapreduce", "POST", "/", &head, &members.to_string());
        serde_json::from_str(&reply).unwrap()
    }

    /// Does an operation of Image Builder.
    pub(crate) fn builder(&self, operation: &str, members: &Value) -> Value {
        let head = [("content-type", "application/json")];
        let reply = self.send("imagebuilder", "PUT", &format!("/{operation}"), &head, &members.to_string());
        serde_json::from_str(&reply).unwrap()
    }

    /// Has Image Builder build an image; gives the id of what it puts out.
    pub(crate) fn build(&mut self, members: &Value) -> String {
        self.sandbox.world().set_pace(Pace { task_secs: 0, ..SLOW });
        self.builder("CreateImage", members);
        let world = self.sandbox.world();
        let known: Vec<&str> = self.names.values().map(String::as_str).collect();
        let mut images = world.scope(id(), &region()).unwrap().images();
        images.find(|image| !known.contains(&image.id.as_str())).unwrap().id.to_string()
    }

    /// Takes what was built for the image that is asked about, unless it is not to be used.
    pub(crate) fn keep_built(&mut self, built: String) {
        if self.names["image"] == self.names["asked"] {
            self.names.insert("image".to_owned(), built.clone());
            self.names.insert("asked".to_owned(), built);
        }
    }

    /// Puts a resource in that Cloud Control shows.
    pub(crate) fn resource(&self, kind: &str, identifier: &str, properties: &Value) {
        let properties = serde_json::from_str(&self.filled(&properties.to_string())).unwrap();
        let resource = CloudResource { kind: kind.to_owned(), identifier: identifier.to_owned(), properties };
        self.sandbox.world().scope_mut(id(), &region()).put_resource(resource);
    }

    /// Puts a parameter in.
    pub(crate) fn parameter(&self, name: &str, value: &str) {
        let value = self.filled(value);
        self.sandbox.world().scope_mut(id(), &region()).put_parameter(name, &value);
    }

    /// Changes an image itself.
    pub(crate) fn change_image(&self, change: impl FnOnce(&mut amictl_sandbox::world::Image)) {
        let image = self.name("image").parse().unwrap();
        let mut world = self.sandbox.world();
        let scope = world.scope_mut(id(), &region());
        let mut changed = scope.image(&image).unwrap().clone();
        change(&mut changed);
        scope.put_image(changed);
    }

    /// Makes `$image` one of Windows.
    pub(crate) fn windows(&self) {
        self.change_image(|image| Arc::make_mut(&mut image.traits).platform = Some("windows".into()));
    }

    /// Gives `$image` a tag.
    pub(crate) fn tag(&self, key: &str, value: &str) {
        self.change_image(|image| image.tags = [(key, value)].into_iter().collect::<Tags>());
    }
}
