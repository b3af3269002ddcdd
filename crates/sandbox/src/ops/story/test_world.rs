//! A small world that unit tests call by forms and look at.

use amictl_cloud::Service;
use amictl_model::{ImageId, Moment};

use super::find;
use crate::sandbox::Outcome;
use crate::wire::{Body, Xml, decode_form};
use crate::world::{Pace, Scope};
use crate::{Caller, Clock, Fault, Sandbox, SandboxConfig, World};

/// A world with a clock that stands still until it is moved.
pub(crate) struct TestWorld {
    pub(crate) sandbox: Sandbox,
    pub(crate) caller: Caller,
}

impl TestWorld {
    /// A world at nine o'clock in which everything happens at once.
    pub(crate) fn new() -> Self {
        let clock = Clock::fixed("2026-11-21T09:00:00Z".parse::<Moment>().unwrap());
        let caller = Caller {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            access_key: "123456789012".into(),
        };
        let config = SandboxConfig { clock, ..SandboxConfig::default() };
        Self { sandbox: Sandbox::new(World::new(1), config), caller }
    }

    /// The same where instances take 30 seconds to change state, and tasks 60.
    pub(crate) fn paced(self) -> Self {
        self.sandbox.world().set_pace(Pace { instance_secs: 30, task_secs: 60, ..Pace::default() });
        self
    }

    /// Moves the clock.
    pub(crate) fn pass_secs(&mut self, secs: i64) {
        let now = self.sandbox.clock().now();
        self.sandbox.clock().set(now.plus_secs(secs));
    }

    /// Changes what the caller has.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Scope)) {
        change(self.sandbox.world().scope_mut(self.caller.account, &self.caller.region));
    }

    /// Calls an operation.
    pub(crate) fn call(&self, service: Service, action: &str, form: &str) -> Result<String, Fault> {
        let entry = find(service, action).unwrap_or_else(|| panic!("{action} is not in the table"));
        match (entry.run)(&self.sandbox, &self.caller, &decode_form(form.as_bytes()).unwrap()).outcome {
            Outcome::Reply(Body::Xml(reply)) => {
                let mut xml = Xml::default();
                reply.encode(&mut xml);
                Ok(xml.finish())
            }
            Outcome::Reply(Body::Json(json)) => Ok(json.value.to_string()),
            Outcome::Reply(Body::Blob(_)) => panic!("{action} answers bytes"),
            Outcome::Fault(fault) => Err(fault),
            Outcome::Reset | Outcome::Silence => panic!("{action} was not answered"),
        }
    }

    /// Calls an operation of EC2 that must succeed.
    pub(crate) fn ec2(&self, action: &str, form: &str) -> String {
        self.call(Service::Ec2, action, form).unwrap_or_else(|fault| panic!("{action}?{form}: {fault}"))
    }

    /// Calls an operation of Auto Scaling that must succeed.
    pub(crate) fn group(&self, action: &str, form: &str) -> String {
        self.call(Service::AutoScaling, action, form).unwrap_or_else(|fault| panic!("{action}?{form}: {fault}"))
    }

    /// The code of the refusal of EC2.
    pub(crate) fn code(&self, action: &str, form: &str) -> String {
        match self.call(Service::Ec2, action, form) {
            Ok(reply) => panic!("{action}?{form} was answered: {reply}"),
            Err(fault) => fault.code.into_owned(),
        }
    }

    /// The text of the first element of this name in EC2's reply.
    pub(crate) fn first(&self, action: &str, form: &str, element: &str) -> String {
        let reply = self.ec2(action, form);
        first(&reply, element).unwrap_or_else(|| panic!("{action}?{form} has no {element}: {reply}")).to_owned()
    }

    /// Makes an image of a snapshot and returns its id, at once at any pace.
    pub(crate) fn image(&self, name: &str) -> String {
        let pace = std::mem::take(&mut self.sandbox.world().pace);
        let volume = self.first("CreateVolume", "AvailabilityZone=us-east-1a&Size=8", "volumeId");
        let snapshot = self.first("CreateSnapshot", &format!("VolumeId={volume}"), "snapshotId");
        self.ec2("DeleteVolume", &format!("VolumeId={volume}"));
        let form = format!(
            "Name={name}-image&Architecture=x86_64&RootDeviceName=/dev/xvda&VirtualizationType=hvm&\
             BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
        );
        let id = self.first("RegisterImage", &form, "imageId");
        assert!(id.parse::<ImageId>().is_ok());
        self.sandbox.world().set_pace(pace);
        id
    }
}

/// The text of the first element of this name.
pub(crate) fn first<'a>(reply: &'a str, element: &str) -> Option<&'a str> {
    reply.split(&format!("<{element}>")).nth(1)?.split('<').next()
}
