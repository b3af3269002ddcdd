//! IAM policies, made from what the operations declare.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::{NEEDS, Need, NeedRow, Task};

/// Characters that a managed policy may have; white space does not count (IAM User Guide, "IAM and STS quotas").
pub const IAM_POLICY_CHARS_MAX: usize = 6144;

/// An AWS partition, which every ARN names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Partition {
    /// The commercial Regions.
    #[default]
    Aws,
    /// China.
    China,
    /// GovCloud (US).
    GovCloud,
    /// The European Sovereign Cloud.
    EuropeanSovereign,
    /// Top Secret (US).
    Iso,
    /// Secret (US).
    IsoB,
    /// Cloud for the United Kingdom's agencies.
    IsoE,
    /// Regions of further agencies.
    IsoF,
}

/// The beginnings of Region codes by partition (botocore's `partitions.json`, `regionRegex`); all others are commercial.
const REGION_CODES: &[(&str, Partition)] = &[
    ("cn-", Partition::China),
    ("us-gov-", Partition::GovCloud),
    ("eusc-", Partition::EuropeanSovereign),
    ("us-iso-", Partition::Iso),
    ("us-isob-", Partition::IsoB),
    ("eu-isoe-", Partition::IsoE),
    ("us-isof-", Partition::IsoF),
    ("eu-isof-", Partition::IsoF),
];

impl Partition {
    /// The partition of a Region, by its code.
    #[must_use]
    pub fn of(region: &str) -> Self {
        REGION_CODES.iter().find(|(code, _)| region.starts_with(code)).map_or(Self::Aws, |(_, partition)| *partition)
    }

    /// The name in ARNs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::EuropeanSovereign => "aws-eusc",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IamPolicy {
    /// `2012-10-17`, the version of the policy language.
    #[serde(rename = "Version")]
    pub version: &'static str,
    /// What is allowed.
    #[serde(rename = "Statement")]
    pub statements: Vec<Statement>,
}

/// A statement that allows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Letters and digits only.
    #[serde(rename = "Sid")]
    pub sid: &'static str,
    /// Always `Allow`.
    #[serde(rename = "Effect")]
    pub effect: &'static str,
    /// Sorted.
    #[serde(rename = "Action")]
    pub actions: BTreeSet<String>,
    /// `*`, or ARNs with wildcards.
    #[serde(rename = "Resource")]
    pub resource: String,
    /// Operator, key, value.
    #[serde(rename = "Condition", skip_serializing_if = "Option::is_none")]
    pub condition: Option<BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>>,
}

/// A kind of resource that actions can be narrowed to.
struct Narrowed {
    sid: &'static str,
    /// What follows the partition in the ARN.
    resource: &'static str,
    /// What must hold beside.
    condition: Condition,
    actions: &'static [&'static str],
}

/// What must hold of a resource, as IAM can tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// Nothing.
    None,
    /// The account itself owns it.
    Owned,
    /// It is tagged while an image is made; so the statement is there only where images are made.
    WhileImagesAreMade,
    /// It is tagged while instances are launched; so the statement is there only where instances are.
    WhileInstancesAreLaunched,
    /// The account owns it, and snapshots are imported.
    OwnedAndImported,
    /// It is tagged while a snapshot is started that is written block by block.
    WhileSnapshotsAreStarted,
}

impl Condition {
    fn of_policy(self) -> Option<BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>> {
        match self {
            Self::None => None,
            Self::Owned | Self::OwnedAndImported => {
                Some([("StringEquals", [("ec2:Owner", "${aws:PrincipalAccount}")].into())].into())
            }
            Self::WhileImagesAreMade => Some([("StringLike", [("ec2:CreateAction", "*Image*")].into())].into()),
            Self::WhileInstancesAreLaunched => {
                Some([("StringEquals", [("ec2:CreateAction", "RunInstances")].into())].into())
            }
            Self::WhileSnapshotsAreStarted => {
                Some([("StringEquals", [("ec2:CreateAction", "StartSnapshot")].into())].into())
            }
        }
    }
}

/// The actions that make images. What they make, they may tag.
const MAKING: &[&str] = &["ec2:CopyImage", "ec2:CreateImage", "ec2:CreateRestoreImageTask", "ec2:RegisterImage"];

/// The actions that change something, and what they change. Service Authorization Reference, "Actions, resources, and condition keys
/// for Amazon EC2": `image` and `snapshot` know `ec2:Owner`, `image-usage-report` does not.
const NARROWED: &[Narrowed] = &[
    Narrowed {
        sid: "AmictlOwnImages",
        resource: "ec2:*::image/*",
        condition: Condition::Owned,
        actions: &[
            "ec2:CreateImageUsageReport",
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:DeregisterImage",
            "ec2:DisableImage",
            "ec2:DisableImageDeprecation",
            "ec2:DisableImageDeregistrationProtection",
            "ec2:EnableImage",
            "ec2:EnableImageDeprecation",
            "ec2:EnableImageDeregistrationProtection",
            "ec2:ModifyImageAttribute",
            "ec2:RestoreImageFromRecycleBin",
        ],
    },
    Narrowed {
        sid: "AmictlOwnSnapshots",
        resource: "ec2:*::snapshot/*",
        condition: Condition::Owned,
        actions: &[
            "ec2:DeleteSnapshot",
            "ec2:ModifySnapshotAttribute",
            "ec2:ModifySnapshotTier",
            "ec2:RestoreSnapshotFromRecycleBin",
            "ec2:RestoreSnapshotTier",
        ],
    },
    // Whoever copies an image may launch it and need not own it; what is new is nobody's yet.
    Narrowed { sid: "AmictlMadeImages", resource: "ec2:*::image/*", condition: Condition::None, actions: MAKING },
    Narrowed { sid: "AmictlMadeSnapshots", resource: "ec2:*::snapshot/*", condition: Condition::None, actions: MAKING },
    Narrowed {
        sid: "AmictlImagedInstances",
        resource: "ec2:*:*:instance/*",
        condition: Condition::None,
        actions: &["ec2:CreateImage"],
    },
    Narrowed {
        sid: "AmictlTagMadeImages",
        resource: "ec2:*::image/*",
        condition: Condition::WhileImagesAreMade,
        actions: &["ec2:CreateTags"],
    },
    Narrowed {
        sid: "AmictlTagMadeSnapshots",
        resource: "ec2:*::snapshot/*",
        condition: Condition::WhileImagesAreMade,
        actions: &["ec2:CreateTags"],
    },
    Narrowed {
        sid: "AmictlParameters",
        resource: "ssm:*:*:parameter/*",
        condition: Condition::None,
        actions: &["ssm:PutParameter"],
    },
    Narrowed {
        sid: "AmictlUsageReports",
        resource: "ec2:*:*:image-usage-report/*",
        condition: Condition::None,
        actions: &["ec2:CreateImageUsageReport", "ec2:DeleteImageUsageReport"],
    },
    Narrowed {
        sid: "AmictlStoredImages",
        resource: "ec2:*::image/*",
        condition: Condition::Owned,
        actions: &["ec2:CreateStoreImageTask"],
    },
    // What EC2 does in the caller's name while it stores an image or restores one.
    Narrowed {
        sid: "AmictlStoredBlocks",
        resource: "ec2:*::snapshot/*",
        condition: Condition::None,
        actions: &["ebs:CompleteSnapshot", "ebs:PutSnapshotBlock", "ebs:StartSnapshot"],
    },
    Narrowed {
        sid: "AmictlTagStartedSnapshots",
        resource: "ec2:*::snapshot/*",
        condition: Condition::WhileSnapshotsAreStarted,
        actions: &["ec2:CreateTags"],
    },
    // A snapshot that a task has made is tagged when it is there.
    Narrowed {
        sid: "AmictlTagImportedSnapshots",
        resource: "ec2:*::snapshot/*",
        condition: Condition::OwnedAndImported,
        actions: &["ec2:CreateTags"],
    },
    Narrowed {
        sid: "AmictlImports",
        resource: "ec2:*:*:import-snapshot-task/*",
        condition: Condition::None,
        actions: &["ec2:ImportSnapshot"],
    },
    Narrowed {
        sid: "AmictlImportedSnapshots",
        resource: "ec2:*::snapshot/*",
        condition: Condition::None,
        actions: &["ec2:ImportSnapshot"],
    },
    Narrowed {
        sid: "AmictlStoredObjects",
        resource: "s3:::*/*",
        condition: Condition::None,
        actions: &["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectTagging"],
    },
    Narrowed {
        sid: "AmictlBundles",
        resource: "s3:::*/*",
        condition: Condition::None,
        actions: &["s3:DeleteObject", "s3:DeleteObjectVersion"],
    },
    Narrowed {
        sid: "AmictlEmptyBuckets",
        resource: "s3:::*",
        condition: Condition::None,
        actions: &["s3:DeleteBucket"],
    },
    // Instances, and all that they are launched of and with.
    Narrowed { sid: "AmictlLaunch", resource: "ec2:*:*:*", condition: Condition::None, actions: &["ec2:RunInstances"] },
    Narrowed {
        sid: "AmictlTagLaunched",
        resource: "ec2:*:*:*",
        condition: Condition::WhileInstancesAreLaunched,
        actions: &["ec2:CreateTags"],
    },
    Narrowed {
        sid: "AmictlLaunchTemplates",
        resource: "ec2:*:*:launch-template/*",
        condition: Condition::None,
        actions: &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
    },
    Narrowed {
        sid: "AmictlGroups",
        resource: "autoscaling:*:*:autoScalingGroup:*",
        condition: Condition::None,
        actions: &[
            "autoscaling:CancelInstanceRefresh",
            "autoscaling:RollbackInstanceRefresh",
            "autoscaling:StartInstanceRefresh",
        ],
    },
    Narrowed {
        sid: "AmictlLeftVolumes",
        resource: "ec2:*:*:volume/*",
        condition: Condition::None,
        actions: &["ec2:DeleteVolume", "ec2:RestoreVolumeFromRecycleBin"],
    },
    Narrowed {
        sid: "AmictlEndedInstances",
        resource: "ec2:*:*:instance/*",
        condition: Condition::None,
        actions: &["ec2:TerminateInstances"],
    },
    Narrowed { sid: "AmictlNotices", resource: "sns:*:*:*", condition: Condition::None, actions: &["sns:Publish"] },
];

impl IamPolicy {
    /// The least that these tasks need.
    #[must_use]
    pub fn of_tasks(tasks: &[Task], partition: Partition) -> Self {
        let rows = needs_of(tasks);
        let mut wanted: BTreeSet<String> = rows.flat_map(NeedRow::iam_actions).collect();
        let makes_images = MAKING.iter().any(|action| wanted.contains(*action));
        let launches = needs_of(tasks).flat_map(|row| row.operations).any(|spec| spec.name == "RunInstances");
        let imports_snapshots = wanted.contains("ec2:ImportSnapshot");
        let starts_snapshots = needs_of(tasks).flat_map(|row| row.operations).any(|spec| spec.name == "StartSnapshot");
        // What is imported is tagged as a snapshot alone.
        let of_images = needs_of(tasks).filter(|row| row.need != Need::ImportingByS3);
        let tags_images = of_images.flat_map(|row| row.operations).any(|spec| spec.name == "CreateTags");
        let mut statements = Vec::new();
        let mut narrowed_all: BTreeSet<&str> = BTreeSet::new();
        for narrowed in NARROWED {
            let is_needed = |action: &str| match narrowed.condition {
                Condition::WhileImagesAreMade => makes_images,
                Condition::WhileInstancesAreLaunched => launches,
                Condition::WhileSnapshotsAreStarted => starts_snapshots,
                Condition::OwnedAndImported => imports_snapshots,
                // Tags that are only given to what is made are another statement's.
                Condition::Owned if action == "ec2:CreateTags" => tags_images,
                Condition::Owned | Condition::None => true,
            };
            let is_wanted = |action: &&&str| wanted.contains(**action) && is_needed(action);
            let actions: BTreeSet<String> =
                narrowed.actions.iter().filter(is_wanted).map(ToString::to_string).collect();
            narrowed_all.extend(narrowed.actions);
            if !actions.is_empty() {
                statements.push(Statement {
                    sid: narrowed.sid,
                    effect: "Allow",
                    actions,
                    resource: format!("arn:{partition}:{}", narrowed.resource),
                    condition: narrowed.condition.of_policy(),
                });
            }
        }
        wanted.retain(|action| !narrowed_all.contains(action.as_str()));
        if !wanted.is_empty() {
            let read = Statement {
                sid: "AmictlRead",
                effect: "Allow",
                actions: wanted,
                resource: "*".to_owned(),
                condition: None,
            };
            statements.insert(0, read);
        }
        Self { version: "2012-10-17", statements }
    }
}

impl IamPolicy {
    /// The same, and assuming the roles of this ARN, which may hold wildcards.
    #[must_use]
    pub fn assuming(mut self, roles: String) -> Self {
        self.statements.push(Statement {
            sid: "AmictlAssume",
            effect: "Allow",
            actions: ["sts:AssumeRole".to_owned()].into(),
            resource: roles,
            condition: None,
        });
        self
    }

    /// The same, and keeping the state below this prefix of a bucket. Nothing there is ever deleted.
    #[must_use]
    pub fn keeping_state(mut self, partition: Partition, bucket: &str, prefix: &str) -> Self {
        let below = if prefix.is_empty() { "*".to_owned() } else { format!("{prefix}/*") };
        let mut allow = |sid, actions: &[&str], resource| {
            self.statements.push(Statement {
                sid,
                effect: "Allow",
                actions: actions.iter().map(ToString::to_string).collect(),
                resource,
                condition: None,
            });
        };
        allow("AmictlState", &["s3:GetObject", "s3:PutObject"], format!("arn:{partition}:s3:::{bucket}/{below}"));
        let of_bucket = &["s3:GetBucketLocation", "s3:ListBucket"];
        allow("AmictlStateBucket", of_bucket, format!("arn:{partition}:s3:::{bucket}"));
        self
    }
}

/// The rows of the table of needs that these tasks have.
pub fn needs_of(tasks: &[Task]) -> impl Iterator<Item = &'static NeedRow> {
    NEEDS.iter().filter(move |row| row.tasks.iter().any(|task| tasks.contains(task)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Effect, OperationSpec};

    fn allowed(policy: &IamPolicy) -> BTreeSet<&str> {
        policy.statements.iter().flat_map(|statement| &statement.actions).map(String::as_str).collect()
    }

    #[test]
    fn a_policy_allows_what_its_tasks_need_and_nothing_else() {
        for task in Task::ALL {
            let policy = IamPolicy::of_tasks(&[*task], Partition::Aws);
            let needed: BTreeSet<String> = needs_of(&[*task]).flat_map(NeedRow::iam_actions).collect();
            assert_eq!(allowed(&policy), needed.iter().map(String::as_str).collect(), "{task:?}");
        }
    }

    #[test]
    fn whatever_changes_something_is_narrowed_to_its_resource() {
        let policy = IamPolicy::of_tasks(Task::ALL, Partition::Aws);
        let changing = OperationSpec::ALL.iter().filter(|spec| spec.effect == Effect::Mutating);
        for action in changing.flat_map(OperationSpec::iam_actions) {
            let statements: Vec<&Statement> =
                policy.statements.iter().filter(|statement| statement.actions.contains(&action)).collect();
            assert!(!statements.is_empty(), "{action}");
            assert!(statements.iter().all(|statement| statement.resource != "*"), "{action}");
        }
    }

    #[test]
    fn scanning_cannot_touch_an_image() {
        let policy = IamPolicy::of_tasks(&[Task::Scan, Task::Plan, Task::Doctor], Partition::Aws);
        let changing = ["ec2:DeregisterImage", "ec2:DisableImage", "ec2:DeleteSnapshot", "ec2:ModifyImageAttribute"];
        assert!(changing.iter().all(|action| !allowed(&policy).contains(action)));
    }

    #[test]
    fn what_is_made_may_be_tagged_while_it_is_made_and_no_other_image() {
        let tagging = |tasks: &[Task]| -> Vec<&'static str> {
            let policy = IamPolicy::of_tasks(tasks, Partition::Aws);
            let tags = |statement: &&Statement| statement.actions.contains("ec2:CreateTags");
            policy.statements.iter().filter(tags).map(|statement| statement.sid).collect()
        };
        assert_eq!(tagging(&[Task::Copy, Task::Create]), ["AmictlTagMadeImages", "AmictlTagMadeSnapshots"]);
        assert_eq!(tagging(&[Task::Launch]), ["AmictlTagLaunched"]);
        // What launching takes is there for the groups, which tag by themselves.
        assert_eq!(tagging(&[Task::Rollout]), [""; 0]);
        assert_eq!(tagging(&[Task::Apply]), ["AmictlOwnImages"]);
        assert_eq!(tagging(&[Task::Deprecate, Task::Share]), [""; 0]);
    }

    #[test]
    fn arns_name_the_partition() {
        for partition in [Partition::Aws, Partition::China, Partition::GovCloud] {
            for statement in IamPolicy::of_tasks(Task::ALL, partition).statements {
                let resource = statement.resource;
                assert!(
                    resource == "*"
                        || ["autoscaling", "ec2", "ssm", "sns", "s3"]
                            .iter()
                            .any(|service| resource.starts_with(&format!("arn:{partition}:{service}:"))),
                    "{resource}"
                );
            }
        }
    }

    #[test]
    fn sids_are_letters_and_digits_and_differ() {
        let policy = IamPolicy::of_tasks(Task::ALL, Partition::Aws);
        let sids: BTreeSet<&str> = policy.statements.iter().map(|statement| statement.sid).collect();
        assert_eq!(sids.len(), policy.statements.len());
        assert!(sids.iter().all(|sid| sid.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }
}
