//! Images that are registered: of a snapshot, or of a bundle in S3.

use amictl_model::{NewDevice, NewImageTraits, SnapshotId};
use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

use crate::{Target, Then};

/// An image that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// What it is made of.
    pub of: RegisteredOf,
    /// What the image is called: a name serves one image of an account and Region.
    pub name: Box<str>,
    /// How it is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// What its instances are like.
    #[serde(default)]
    pub traits: NewImageTraits,
    /// `PlatformDetails` of what it is made of, where that is billed: EC2 may lose it, so the new image is compared. Text from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Box<str>>,
    /// The devices beside the root device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<NewDevice>,
    /// What becomes of it then. Its tags are the image's alone: the snapshots are there already.
    pub then: Then,
}

/// What an image is registered of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisteredOf {
    /// The snapshot of a root volume.
    Snapshot {
        /// Which one.
        root: RootSnapshot,
        /// The root device, whose snapshot is that one whatever it says itself.
        device: Box<NewDevice>,
        /// How long the step waits until the snapshots are completed, at most, in seconds; 0 where they are.
        #[serde(default, skip_serializing_if = "is_zero")]
        wait_seconds: u64,
    },
    /// A bundle in S3, by its manifest.
    Manifest {
        /// The bucket, in the image's Region.
        bucket: Box<str>,
        /// The key of the manifest.
        key: Box<str>,
    },
}

/// The snapshot that an image boots from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootSnapshot {
    /// This one, in the image's account and Region.
    Id(SnapshotId),
    /// The one that this earlier step of the same plan makes.
    OfStep(CompactString),
}

impl RootSnapshot {
    /// The step that makes it.
    #[must_use]
    pub fn step(&self) -> Option<&CompactString> {
        match self {
            Self::Id(_) => None,
            Self::OfStep(step) => Some(step),
        }
    }
}

impl Registration {
    /// The earlier step that makes what it is registered of.
    #[must_use]
    pub fn of_step(&self) -> Option<&CompactString> {
        match &self.of {
            RegisteredOf::Snapshot { root, .. } => root.step(),
            RegisteredOf::Manifest { .. } => None,
        }
    }

    /// What it is registered of, where that is there already.
    #[must_use]
    pub fn source(&self) -> Option<Target> {
        match &self.of {
            RegisteredOf::Snapshot { root: RootSnapshot::Id(snapshot), .. } => Some(Target::Snapshot(snapshot.clone())),
            RegisteredOf::Snapshot { root: RootSnapshot::OfStep(_), .. } => None,
            RegisteredOf::Manifest { bucket, key } => Some(Target::S3(format_compact!("s3://{bucket}/{key}"))),
        }
    }

    /// Checks what EC2 would take for something else: a plan may have been written by anybody.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.of {
            RegisteredOf::Snapshot { .. } if self.traits.architecture.is_none() => {
                Err("its image has no architecture, for which EC2 would take i386".to_owned())
            }
            RegisteredOf::Snapshot { device, .. } if device.virtual_name.is_some() => {
                Err("its root device is no snapshot".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;

    use super::*;
    use crate::{Added, Change, CommandInput, Copying, Plan, PlanFileError, add_steps, build_command};

    const SNAPSHOT: &str = "snap-0123456789abcdef0";

    fn registering(root: RootSnapshot) -> Registration {
        let traits = NewImageTraits { architecture: Some("x86_64".into()), ..NewImageTraits::default() };
        Registration {
            of: RegisteredOf::Snapshot { root, device: Box::default(), wait_seconds: 0 },
            name: "web-1".into(),
            description: None,
            traits,
            platform: None,
            devices: Vec::new(),
            then: Then::default(),
        }
    }

    fn plan(changes: Vec<Change>) -> Plan {
        let mut plan = build_command(CommandInput {
            steps: Vec::new(),
            created_at: Moment::from_secs(0),
            plan_id: "p".to_owned(),
        });
        let added = changes.into_iter().map(|change| Added {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            change,
            after: Vec::new(),
        });
        add_steps(&mut plan, added);
        plan
    }

    fn read(plan: &Plan) -> Result<Plan, PlanFileError> {
        let mut file = Vec::new();
        plan.write_to(&mut file).unwrap();
        Plan::read(&file)
    }

    #[test]
    fn what_another_step_makes_is_registered_and_copied_after_it() {
        let copying = Copying {
            of_step: Some("s2".into()),
            from: "us-east-1".parse().unwrap(),
            name: "web-1".into(),
            description: None,
            encrypted: false,
            kms_key: None,
            within_minutes: None,
            copy_tags: false,
            client_token: Box::default(),
            then: Then::default(),
        };
        let first = Change::Register(Box::new(registering(RootSnapshot::Id(SNAPSHOT.parse().unwrap()))));
        let second = Change::Register(Box::new(registering(RootSnapshot::OfStep("s1".into()))));
        let plan = plan(vec![first, second, Change::Copy(copying)]);
        assert!(plan.steps.iter().all(|step| step.target.as_str() == SNAPSHOT));
        assert_eq!((&plan.steps[1].after[..], &plan.steps[2].after[..]), (&["s1".into()][..], &["s2".into()][..]));
        let Some(Change::Copy(copying)) = plan.steps[2].change.as_deref() else { panic!("a copy") };
        assert_eq!(&*copying.client_token, "amictl-p-s3");
        assert_eq!(read(&plan), Ok(plan.clone()));
        let mut apart = plan;
        apart.steps[1].after = Box::default();
        apart.digest = apart.digest_now();
        assert!(matches!(read(&apart), Err(PlanFileError::Contradiction { .. })));
    }

    #[test]
    fn a_plan_registers_nothing_that_ec2_would_take_for_something_else() {
        let whole = registering(RootSnapshot::Id(SNAPSHOT.parse().unwrap()));
        let device = NewDevice { virtual_name: Some("ephemeral0".into()), ..NewDevice::default() };
        let root = RootSnapshot::Id(SNAPSHOT.parse().unwrap());
        let of = RegisteredOf::Snapshot { root, device: Box::new(device), wait_seconds: 0 };
        for wrong in
            [Registration { traits: NewImageTraits::default(), ..whole.clone() }, Registration { of, ..whole.clone() }]
        {
            let plan = plan(vec![Change::Register(Box::new(wrong))]);
            assert!(matches!(read(&plan), Err(PlanFileError::Contradiction { .. })));
        }
        let bundle = RegisteredOf::Manifest { bucket: "b".into(), key: "web.manifest.xml".into() };
        let bundle = Registration { of: bundle, traits: NewImageTraits::default(), ..whole };
        let plan = plan(vec![Change::Register(Box::new(bundle))]);
        assert_eq!(plan.steps[0].target.as_str(), "s3://b/web.manifest.xml");
        assert!(read(&plan).is_ok());
    }
}
