//! The command line of `iam-policy`.

use amictl_cloud::{Partition, Task};
use clap::{Args, ValueEnum};

/// What `iam-policy --help` ends with.
pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl iam-policy > reader.json                    what scanning, planning and doctor need
  amictl iam-policy --for apply,undo                 what carrying out a plan and taking it back need
  amictl iam-policy --for scan --output table        what each action is for
  amictl iam-policy --state s3://my-states/amictl    the same, and keeping the state in a bucket
  amictl iam-policy retirer --partition aws-us-gov   the same in another partition
  amictl iam-policy publisher                        what making, copying and sharing images needs; it deletes nothing

Without --output the policy is printed as the JSON document that IAM takes. Actions that change something are narrowed to the images and snapshots
that the account owns. Beside reading, a scan makes usage reports of shared images, and deletes them again.";

/// `iam-policy`.
#[derive(Debug, Args)]
pub(crate) struct IamPolicyArgs {
    /// A role in place of commands [default: reader]
    #[arg(value_enum, conflicts_with = "commands")]
    pub(crate) role: Option<IamRole>,
    /// Commands that it is for, separated by commas
    #[arg(long = "for", value_enum, value_name = "COMMAND,…", value_delimiter = ',')]
    pub(crate) commands: Vec<IamCommand>,
    /// The AWS partition [default: that of the first --region, else aws]
    #[arg(long, value_enum)]
    pub(crate) partition: Option<PartitionArg>,
}

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IamRole {
    /// `scan`, `plan`, `doctor` and whatever else only looks
    Reader,
    /// `apply`, `resume`, `undo` too
    Retirer,
    /// `create`, `import`, `copy`, `share`, `publish`, `deprecate`, `protect` and what takes them back; nothing that deletes
    Publisher,
}

/// A command, or a way to run commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IamCommand {
    /// `scan`
    Scan,
    /// `list`, which scans when there is no inventory
    List,
    /// `show`, likewise
    Show,
    /// `refs`, likewise
    Refs,
    /// `tree`, likewise
    Tree,
    /// `explain`
    Explain,
    /// `plan`
    Plan,
    /// `apply`
    Apply,
    /// `resume`
    Resume,
    /// `notify`, to topics of SNS
    Notify,
    /// `run`
    Run,
    /// `undo`
    Undo,
    /// `deprecate` and `undeprecate`
    Deprecate,
    /// `disable` and `enable`
    Disable,
    /// `protect` and `unprotect`
    Protect,
    /// `share` and `unshare`
    Share,
    /// `copy`
    Copy,
    /// `create`
    Create,
    /// `register`
    Register,
    /// `publish`, `promote` and `rollback`
    Publish,
    /// `bundles`
    Bundles,
    /// `store`
    Store,
    /// `restore-from-s3`
    RestoreFromS3,
    /// `import`, beside what `register` needs where an image is made too
    Import,
    /// `deregister`
    Deregister,
    /// `snapshots --delete`
    DeleteSnapshots,
    /// `volumes --delete`
    DeleteVolumes,
    /// `terminate`
    Terminate,
    /// `bin`
    Bin,
    /// `rollout`
    Rollout,
    /// `launch`
    Launch,
    /// `find`, and naming images by a parameter or a query
    Find,
    /// `doctor`
    Doctor,
    /// `snapshots`
    Snapshots,
    /// `volumes`
    Volumes,
    /// `--references-from s3://…`
    FilesInS3,
    /// `--config-aggregator`
    ConfigAggregator,
    /// Listing the accounts of an organisation
    Organization,
}

/// `--partition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartitionArg {
    /// The commercial Regions
    Aws,
    /// China
    AwsCn,
    /// GovCloud (US)
    AwsUsGov,
    /// The European Sovereign Cloud
    AwsEusc,
    /// Top Secret (US)
    AwsIso,
    /// Secret (US)
    AwsIsoB,
    /// Agencies of the United Kingdom
    AwsIsoE,
    /// Further agencies
    AwsIsoF,
}

impl PartitionArg {
    fn partition(self) -> Partition {
        match self {
            Self::Aws => Partition::Aws,
            Self::AwsCn => Partition::China,
            Self::AwsUsGov => Partition::GovCloud,
            Self::AwsEusc => Partition::EuropeanSovereign,
            Self::AwsIso => Partition::Iso,
            Self::AwsIsoB => Partition::IsoB,
            Self::AwsIsoE => Partition::IsoE,
            Self::AwsIsoF => Partition::IsoF,
        }
    }
}

impl IamCommand {
    fn tasks(self) -> Vec<Task> {
        let task = match self {
            Self::DeleteSnapshots => return vec![Task::Scan, Task::Storage, Task::DeleteSnapshots],
            Self::DeleteVolumes => return vec![Task::Scan, Task::Storage, Task::DeleteVolumes],
            Self::Snapshots | Self::Volumes => return vec![Task::Scan, Task::Storage],
            Self::Notify => return vec![Task::Scan, Task::Notify],
            Self::Bundles => return vec![Task::Plan, Task::Apply, Task::Bundles],
            Self::Run => return vec![Task::Plan, Task::Notify, Task::Apply],
            Self::Scan | Self::List | Self::Show | Self::Refs | Self::Tree | Self::Explain => Task::Scan,
            Self::Plan => Task::Plan,
            Self::Apply | Self::Resume => Task::Apply,
            Self::Undo => Task::Undo,
            Self::Deprecate => Task::Deprecate,
            Self::Disable => Task::Disable,
            Self::Protect => Task::Protect,
            Self::Share => Task::Share,
            Self::Copy => Task::Copy,
            Self::Create => Task::Create,
            Self::Register => Task::Register,
            Self::Publish => Task::Publish,
            Self::Store => Task::Store,
            Self::RestoreFromS3 => Task::RestoreFromS3,
            Self::Import => Task::Import,
            Self::Deregister => Task::Deregister,
            Self::Terminate => Task::Terminate,
            Self::Bin => Task::Bin,
            Self::Rollout => Task::Rollout,
            Self::Launch => Task::Launch,
            Self::Find => Task::Find,
            Self::Doctor => Task::Doctor,
            Self::FilesInS3 => Task::FilesInS3,
            Self::ConfigAggregator => Task::Aggregator,
            Self::Organization => Task::Accounts,
        };
        vec![task]
    }
}

impl IamPolicyArgs {
    /// What the policy is for.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        if !self.commands.is_empty() {
            return self.commands.iter().flat_map(|command| command.tasks()).collect();
        }
        const READING: [Task; 3] = [Task::Scan, Task::Plan, Task::Doctor];
        match self.role {
            None | Some(IamRole::Reader) => READING.to_vec(),
            Some(IamRole::Retirer) => [&READING[..], &[Task::Apply, Task::Undo]].concat(),
            Some(IamRole::Publisher) => {
                vec![
                    Task::Create,
                    Task::Register,
                    Task::Import,
                    Task::Copy,
                    Task::Share,
                    Task::Publish,
                    Task::Deprecate,
                    Task::Protect,
                ]
            }
        }
    }

    /// The partition that was named, or that of the first Region.
    pub(crate) fn partition(&self, regions: &[String]) -> Partition {
        let of_region = || regions.first().map_or(Partition::Aws, |region| Partition::of(region));
        self.partition.map_or_else(of_region, PartitionArg::partition)
    }
}
