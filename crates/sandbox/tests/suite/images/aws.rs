//! A client of the sandbox without a socket.

use amictl_model::Moment;
use amictl_sandbox::world::Pace;
use amictl_sandbox::{Clock, Sandbox, SandboxConfig, World};
use hyper::Request;
use hyper::body::Bytes;

pub(crate) const OTHER: &str = "210987654321";
const ACCOUNT: &str = "123456789012";

/// Callers in accounts and Regions of one sandbox.
pub(crate) struct Aws {
    pub(crate) sandbox: Sandbox,
    clock: Clock,
}

/// One caller.
pub(crate) struct Client<'a> {
    aws: &'a Aws,
    account: &'a str,
    region: &'a str,
}

impl Aws {
    pub(crate) fn new() -> Self {
        Self::of(World::new(1))
    }

    /// Everything takes a minute, snapshots half of one.
    pub(crate) fn slow() -> Self {
        let mut world = World::new(1);
        world.set_pace(Pace { image_secs: 60, snapshot_secs: 30, instance_secs: 0, task_secs: 60, usage_secs: 0 });
        Self::of(world)
    }

    pub(crate) fn of(world: World) -> Self {
        let clock = Clock::fixed("2026-11-21T09:00:00Z".parse::<Moment>().unwrap());
        let config = SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() };
        Self { sandbox: Sandbox::new(world, config), clock }
    }

    pub(crate) fn pass_secs(&self, secs: i64) {
        self.clock.set(self.clock.now().plus_secs(secs));
    }

    pub(crate) fn client<'a>(&'a self, account: &'a str, region: &'a str) -> Client<'a> {
        Client { aws: self, account, region }
    }

    pub(crate) fn own(&self) -> Client<'_> {
        self.client(ACCOUNT, "us-east-1")
    }

    pub(crate) fn other(&self) -> Client<'_> {
        self.client(OTHER, "us-east-1")
    }

    /// Calls as the account itself.
    pub(crate) fn does(&self, form: &str) -> String {
        self.own().does(form)
    }

    pub(crate) fn fails(&self, form: &str) -> String {
        self.own().fails(form)
    }
}

impl Client<'_> {
    fn send(&self, service: &str, path: &str, body: String) -> (u16, String) {
        let credential = format!("Credential={}/20261121/{}/{service}/aws4_request", self.account, self.region);
        let request = Request::post(path)
            .header("host", "x")
            .header("authorization", format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"))
            .body(Bytes::from(body))
            .unwrap();
        let response = futures::executor::block_on(self.aws.sandbox.respond(request)).whole().unwrap();
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    /// Does an operation of EC2, written `Action&Parameter=value`; gives the reply.
    pub(crate) fn does(&self, form: &str) -> String {
        let (status, reply) = self.send("ec2", "/", format!("Version=2016-11-15&Action={form}"));
        assert_eq!(status, 200, "{form}: {reply}");
        reply
    }

    /// Does an operation that is refused; gives the code.
    pub(crate) fn fails(&self, form: &str) -> String {
        let (status, reply) = self.send("ec2", "/", format!("Version=2016-11-15&Action={form}"));
        assert!(status >= 400, "{form}: {reply}");
        text(&reply, "Code")
    }

    /// Makes a retention rule.
    pub(crate) fn retain(&self, kind: &str, days: u32) {
        let rule = format!(
            "{{\"ResourceType\":\"{kind}\",\"RetentionPeriod\":{{\"RetentionPeriodValue\":{days},\
             \"RetentionPeriodUnit\":\"DAYS\"}}}}"
        );
        let (status, reply) = self.send("rbin", "/rules", rule);
        assert!(status < 300, "{reply}");
    }

    /// A snapshot of a new volume of eight GiB.
    pub(crate) fn snapshot(&self) -> String {
        let volume = text(&self.does("CreateVolume&AvailabilityZone=us-east-1a&Size=8"), "volumeId");
        text(&self.does(&format!("CreateSnapshot&VolumeId={volume}")), "snapshotId")
    }

    /// An image of a new snapshot; and the snapshot.
    pub(crate) fn image(&self, name: &str) -> (String, String) {
        let snapshot = self.snapshot();
        self.aws.pass_secs(3600);
        (self.registered(name, &snapshot), snapshot)
    }

    /// An image of a snapshot.
    pub(crate) fn registered(&self, name: &str, snapshot: &str) -> String {
        let form = format!(
            "RegisterImage&Name={name}&RootDeviceName=/dev/xvda&VirtualizationType=hvm&Architecture=x86_64&\
             BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
        );
        text(&self.does(&form), "imageId")
    }

    /// What `DescribeImages` says of one image.
    pub(crate) fn describe(&self, image: &str) -> String {
        self.does(&format!("DescribeImages&ImageId.1={image}&IncludeDisabled=true"))
    }
}

/// The text of the first element of this name.
pub(crate) fn text(reply: &str, element: &str) -> String {
    try_text(reply, element).unwrap_or_else(|| panic!("no {element} in {reply}"))
}

/// The text of the first element of this name, if there is one.
pub(crate) fn try_text(reply: &str, element: &str) -> Option<String> {
    let rest = reply.split_once(&format!("<{element}>"))?.1;
    Some(rest[..rest.find("</")?].to_owned())
}

/// The texts of all elements of this name.
pub(crate) fn texts(reply: &str, element: &str) -> Vec<String> {
    reply.split(&format!("<{element}>")).skip(1).map(|rest| rest[..rest.find("</").unwrap()].to_owned()).collect()
}
