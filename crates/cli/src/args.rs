//! The command line.

mod bundles;
mod deregister;
mod due;
mod ends;
mod find;
mod iam;
mod image_ref;
mod importing;
mod leftovers;
mod life;
mod list;
mod making;
mod policy;
mod publish;
mod register;
mod rollout;
mod store;
mod version;

use std::path::PathBuf;

use amictl_collect::files::FilePlace;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use bundles::{BundlesArgs, BundlesCommand, BundlesDeleteArgs, BundlesListArgs};
pub(crate) use deregister::DeregisterArgs;
pub(crate) use due::{ApproveArgs, DueArgs, NotifyArgs};
pub(crate) use ends::{BinArgs, BinCommand, BinRestoreArgs, TerminateArgs};
pub(crate) use find::FindArgs;
pub(crate) use iam::IamPolicyArgs;
pub(crate) use image_ref::{ImageQuery, ImageRef};
pub(crate) use importing::{BucketPlace, ImportArgs, ViaArg, is_key_arn};
pub(crate) use leftovers::LeftoverArgs;
pub(crate) use life::{ChangeArgs, DeprecateArgs, PlainArgs, ProtectArgs, ShareArgs, TargetArgs, UnshareArgs};
pub(crate) use list::ListArgs;
pub(crate) use making::{CopyArgs, CreateArgs, OnwardArgs, ThenArgs, WaitArgs, parse_name, versioned};
pub(crate) use policy::{ConvertArgs, DiffArgs, ForecastArgs, PolicyArgs, PolicyCommand, TestArgs, Tool};
pub(crate) use publish::{PromoteArgs, PublishArgs, RollbackArgs};
pub(crate) use register::RegisterArgs;
pub(crate) use rollout::{LaunchArgs, RefreshArgs, RolloutArgs, RolloutImage};
pub(crate) use store::{RestoreFromS3Args, StoreArgs};
pub(crate) use version::{VersionArgs, VersionCommand, VersionNextArgs, VersionedArgs};

/// Manages the whole life of Amazon EC2 AMIs, and cleans them up safely.
#[derive(Debug, Parser)]
#[command(
    name = "amictl",
    version,
    about,
    long_about = "Manages the whole life of Amazon EC2 AMIs, and cleans them up safely: it proves that an AMI is unused before it \
                  touches it, shows a plan with a reason for every image, fences an image before it deletes it, and can take back \
                  what it did.",
    after_help = "Exit codes: 0 done or nothing to do, 1 error and nothing changed, 2 changes pending (with --detailed-exitcode), \
                  3 partial, 4 refused by a guard, 5 timed out and can be resumed, 64 usage, 130 interrupted.",
    max_term_width = 110
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command understands.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Profile of the AWS configuration files
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Regions, separated by commas, or `all` (those enabled in the account)
    #[arg(long, global = true, value_name = "R,…|all", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    /// Endpoint in place of AWS's (also AWS_ENDPOINT_URL)
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Role to assume
    #[arg(long, global = true, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    #[command(flatten)]
    pub(crate) accounts: AccountArgs,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    /// Where inventories, plans, journals and locks are kept: a folder, or s3://BUCKET/PREFIX, which runners can share
    #[arg(long, global = true, value_name = "DIR|URL", default_value = crate::next::DEFAULT_STATE)]
    pub(crate) state: String,
    /// Form of the output [default: table; `iam-policy` json]
    #[arg(long, short = 'o', global = true, value_enum)]
    pub(crate) output: Option<OutputFormat>,
    /// Calls under way at once, at most
    #[arg(long, global = true, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
    /// Request rate: AWS's documented token buckets, or none until the endpoint throttles [default: aws, adaptive for another endpoint]
    #[arg(long, global = true, value_enum, value_name = "MODEL")]
    pub(crate) rate: Option<Rate>,
    /// No colours
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Nothing on standard error but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// More of what happens, on standard error; -vv for even more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Which accounts to work in; without any of these, the one of the credentials.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct AccountArgs {
    /// Accounts, separated by commas
    #[arg(long, global = true, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) accounts: Vec<String>,
    /// A file of accounts: the first word of each line that is neither empty nor begins with #
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) accounts_file: Option<PathBuf>,
    /// All active accounts of the organisation
    #[arg(long, global = true)]
    pub(crate) organization: bool,
    /// All active accounts below these OUs or roots, separated by commas
    #[arg(long, global = true, value_name = "OU,…", value_delimiter = ',')]
    pub(crate) ou: Vec<String>,
    /// Accounts to leave out, separated by commas
    #[arg(long, global = true, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) exclude_accounts: Vec<String>,
    /// Role to assume in each account: its name, or an ARN with {account} in it
    #[arg(long, global = true, value_name = "NAME|ARN")]
    pub(crate) assume_role: Option<String>,
    /// External id that the roles' trust policies ask for
    #[arg(long, global = true, value_name = "ID", requires = "assume_role")]
    pub(crate) external_id: Option<String>,
}

/// Further evidence of what uses an image.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Evidence")]
pub(crate) struct EvidenceArgs {
    /// A file, a folder with all that is in it, or s3://BUCKET/PREFIX, whose AMI ids are uses: Terraform state, Karpenter, Packer, Helm …;
    /// repeatable
    #[arg(long, global = true, value_name = "PATH|URL")]
    pub(crate) references_from: Vec<FilePlace>,
    /// An aggregator of AWS Config in the account of the credentials, as a witness over all its accounts
    #[arg(long, global = true, value_name = "NAME[@REGION]", value_parser = parse_aggregator)]
    pub(crate) config_aggregator: Option<AggregatorName>,
    /// How long usage reports of shared images are waited for, at most
    #[arg(long, global = true, value_name = "TIME", default_value = "15m", value_parser = parse_duration)]
    pub(crate) usage_wait: std::time::Duration,
}

/// `--config-aggregator`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AggregatorName {
    pub(crate) name: String,
    /// Its Region, unless it is the first of those that are read.
    pub(crate) region: Option<amictl_model::Region>,
}

fn parse_aggregator(text: &str) -> Result<AggregatorName, String> {
    let (name, region) = match text.split_once('@') {
        Some((name, region)) => (name, Some(region.parse().map_err(|error| format!("{error}"))?)),
        None => (text, None),
    };
    if name.is_empty() {
        return Err("an aggregator needs a name".to_owned());
    }
    Ok(AggregatorName { name: name.to_owned(), region })
}

/// `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For a person
    Table,
    /// One JSON document
    Json,
    /// A JSON document a line
    Ndjson,
    /// Comma-separated values
    Csv,
    /// Markdown
    Markdown,
}

/// `--rate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rate {
    /// AWS's documented token buckets
    Aws,
    /// No limit until the endpoint throttles
    Adaptive,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole pipeline in the built-in sandbox; no account needed
    Demo(DemoArgs),
    /// Serve an EC2-compatible endpoint until Ctrl-C
    Sandbox(Box<SandboxArgs>),
    /// Read images, snapshots and every use of them into an inventory
    Scan(ScanArgs),
    /// List the images of an inventory
    #[command(after_help = list::EXAMPLES)]
    List(Box<ListArgs>),
    /// Show one image: sharing, snapshots, uses, lineage, what can be taken back
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ImageArgs),
    /// List every use of an image, in every account that was scanned, and what could not be read
    #[command(after_help = REFS_EXAMPLES)]
    Refs(ImageArgs),
    /// Show what an image was copied from and what was copied from it, over Regions and accounts
    #[command(after_help = TREE_EXAMPLES)]
    Tree(ImageArgs),
    /// Say what becomes of an image and why, with all evidence and what could not be read
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// List snapshots: what uses each, and which are left over from images that are gone; delete those
    #[command(after_help = leftovers::SNAPSHOT_EXAMPLES)]
    Snapshots(Box<LeftoverArgs>),
    /// List volumes: what uses each, and which are left over from images; delete those
    #[command(after_help = leftovers::VOLUME_EXAMPLES)]
    Volumes(Box<LeftoverArgs>),
    /// Judge an inventory by a policy and make a plan; changes nothing
    Plan(PlanArgs),
    /// Carry out a plan
    Apply(ApplyArgs),
    /// Say that a plan may be carried out, where its policy asks for approvals
    #[command(after_help = due::APPROVE_EXAMPLES)]
    Approve(ApproveArgs),
    /// Tell owners which of their images come to a stage soon
    #[command(after_help = due::NOTIFY_EXAMPLES)]
    Notify(NotifyArgs),
    /// Do what is due, once: scan, send notices, plan, apply; for cron, CI or a timer
    #[command(after_help = due::RUN_EXAMPLES)]
    Run(DueArgs),
    /// Go on with a run that was interrupted
    Resume(ResumeArgs),
    /// Take back what a run did, as far as it can be
    Undo(UndoArgs),
    /// List runs, or show one
    Runs(RunsArgs),
    /// Make an image of an instance
    #[command(after_help = making::CREATE_EXAMPLES)]
    Create(Box<CreateArgs>),
    /// Make a snapshot of a disk in a file
    #[command(after_help = importing::EXAMPLES)]
    Import(Box<ImportArgs>),
    /// Make an image of a snapshot, of a bundle in S3 or of a stored image
    #[command(after_help = register::EXAMPLES)]
    Register(Box<RegisterArgs>),
    /// Copy images into other Regions
    #[command(after_help = making::COPY_EXAMPLES)]
    Copy(Box<CopyArgs>),
    /// Let others launch images
    #[command(after_help = life::SHARE_EXAMPLES)]
    Share(Box<ShareArgs>),
    /// Let others launch images no longer
    #[command(after_help = life::SHARE_EXAMPLES)]
    Unshare(Box<UnshareArgs>),
    /// Say from when on images are deprecated
    #[command(after_help = life::DEPRECATE_EXAMPLES)]
    Deprecate(DeprecateArgs),
    /// Take back that images are deprecated
    #[command(after_help = life::DEPRECATE_EXAMPLES)]
    Undeprecate(PlainArgs),
    /// Disable images: nobody can launch them
    #[command(after_help = life::DISABLE_EXAMPLES)]
    Disable(PlainArgs),
    /// Enable images that are disabled
    #[command(after_help = life::DISABLE_EXAMPLES)]
    Enable(PlainArgs),
    /// Protect images from being deregistered
    #[command(after_help = life::PROTECT_EXAMPLES)]
    Protect(ProtectArgs),
    /// Take the protection away
    #[command(after_help = life::PROTECT_EXAMPLES)]
    Unprotect(PlainArgs),
    /// Let an SSM parameter name images
    #[command(after_help = publish::EXAMPLES)]
    Publish(PublishArgs),
    /// Let an SSM parameter name what another one names
    #[command(after_help = publish::EXAMPLES)]
    Promote(PromoteArgs),
    /// Let an SSM parameter name again what it named before
    #[command(after_help = publish::EXAMPLES)]
    Rollback(RollbackArgs),
    /// Let launch templates launch an image, and replace the instances of their Auto Scaling groups
    #[command(after_help = rollout::ROLLOUT_EXAMPLES)]
    Rollout(Box<RolloutArgs>),
    /// List the versions of a family, or say which one comes next; changes nothing
    #[command(after_help = version::EXAMPLES)]
    Version(VersionArgs),
    /// Find images that can be launched, whoever owns them
    #[command(after_help = find::EXAMPLES)]
    Find(FindArgs),
    /// Launch instances of an image
    #[command(after_help = rollout::LAUNCH_EXAMPLES)]
    Launch(Box<LaunchArgs>),
    /// Wait until images and snapshots can be used; changes nothing
    #[command(after_help = making::WAIT_EXAMPLES)]
    Wait(WaitArgs),
    /// Deregister named images, behind the fence and with every check of a plan
    #[command(after_help = deregister::EXAMPLES)]
    Deregister(Box<DeregisterArgs>),
    /// List what is in the Recycle Bin, and take it out
    #[command(after_help = ends::BIN_EXAMPLES)]
    Bin(BinArgs),
    /// Terminate the instances that were launched from images
    #[command(after_help = ends::TERMINATE_EXAMPLES)]
    Terminate(TerminateArgs),
    /// Store images as objects in S3
    #[command(after_help = store::STORE_EXAMPLES)]
    Store(StoreArgs),
    /// Make an image of one that was stored in S3, also from another partition
    #[command(name = "restore-from-s3", after_help = store::STORE_EXAMPLES)]
    RestoreFromS3(Box<RestoreFromS3Args>),
    /// List bundles of instance-store images, or delete them with their images
    Bundles(BundlesArgs),
    /// Check, test, compare and forecast policy files, or make one from another tool's
    Policy(PolicyArgs),
    /// Try everything that reading needs with real calls: what is missing, and what that would block
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
    /// Print the IAM policy that amictl needs
    #[command(after_help = iam::EXAMPLES)]
    IamPolicy(IamPolicyArgs),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder for the state, the plan and the summary
    #[arg(long, value_name = "DIR", default_value = "amictl-demo")]
    pub(crate) out: PathBuf,
}

/// `sandbox`.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4599")]
    pub(crate) listen: std::net::SocketAddr,
    /// What the world holds at first: `sample`, `empty`, a saved world, or an inventory, whose twin it is then
    #[arg(long, value_name = "sample|empty|FILE", default_value = "sample")]
    pub(crate) world: amictl_sandbox::WorldSource,
    /// A generated world in place of --world, such as `images=100000,accounts=3,regions=2`; further settings are
    /// snapshots-per-image, family-size, instances, templates, versions, groups, shared and seed
    #[arg(long, value_name = "images=N,…", conflicts_with = "world")]
    pub(crate) generate: Option<String>,
    /// Keeps the world over restarts; if the file is there, it is the world. A name that ends with `.zst` compresses it
    #[arg(long, value_name = "FILE")]
    pub(crate) state_file: Option<PathBuf>,
    /// A loopback address for the admin endpoint: /world, /clock, /faults, /iam, /hooks, /counts, /operations, /save
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) admin: Option<std::net::SocketAddr>,
    /// A clock that stands still at this time
    #[arg(long, value_name = "TIME")]
    pub(crate) clock: Option<amictl_model::Moment>,
    /// What decides about new ids and about everything that is left to chance
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How long what AWS does in the background takes, such as `image=5s,snapshot=5s,instance=2s,task=1m,usage=24h` or `all=3s`
    #[arg(long, value_name = "image=TIME,…")]
    pub(crate) pace: Option<amictl_sandbox::world::Pace>,
    /// How long every call takes: `20ms`, `uniform:5ms-50ms` or `lognormal:20ms,0.5`
    #[arg(long, value_name = "TIME", default_value = "0ms")]
    pub(crate) latency: amictl_sandbox::Latency,
    /// How long changes take to be seen: `5s`, or by operation such as `5s,CopyImage=10s`
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub(crate) lag: amictl_sandbox::Lag,
    /// AWS's documented request limits, or none
    #[arg(long, value_enum, default_value_t = Throttle::Off)]
    pub(crate) throttle: Throttle,
    /// Rules for faults, a JSON file
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// What callers may do: an IAM policy document, or such documents by account, a JSON file
    #[arg(long, value_name = "FILE")]
    pub(crate) iam: Option<PathBuf>,
    /// Calls that are made right before or after others, a JSON file
    #[arg(long, value_name = "FILE")]
    pub(crate) hooks: Option<PathBuf>,
}

/// `--throttle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Throttle {
    /// AWS's documented token buckets
    Aws,
    /// No limits
    Off,
}

/// `scan`.
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Policy file: launch permissions are read of the images that it would retire
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<amictl_model::Moment>,
    /// Read nothing: print how many calls a scan would take, by API, and the least time for them
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Where an inventory comes from.
#[derive(Debug, Args)]
pub(crate) struct InventoryArgs {
    /// An inventory's id or file [default: the newest in the state folder, or a new scan]
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) inventory: Option<String>,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  amictl show ami-0123456789abcdef0
  amictl show web-2026.11.01 --output json     by its name, if only one image has it";

const REFS_EXAMPLES: &str = "\
Examples:
  amictl refs ami-0123456789abcdef0
  amictl refs web-2026.11.01 --inventory 20261121T093000.123Z-1f03ab --output csv";

const TREE_EXAMPLES: &str = "\
Examples:
  amictl tree ami-0123456789abcdef0
  amictl tree golden-2026-11 --region all --output json

Only what EC2 records is shown: SourceImageId of copies and of images that were created from instances. An image that is not in the inventory is
gone, or lives in an account or Region that was not scanned.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  amictl explain ami-0123456789abcdef0
  amictl explain web-2026.11.01 -f amictl.yaml --now 2027-01-01T00:00:00Z";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  amictl doctor --region all
  amictl doctor --profile audit --output json

Each operation that reading needs is tried once in each Region; nothing is changed and nothing is read whole. Exit codes: 0 nothing is missing that
would keep images from being retired, 3 something is, 1 images can be read nowhere.";

/// A command about one image.
#[derive(Debug, Args)]
pub(crate) struct ImageArgs {
    /// The image's id, or its name if no other has it
    #[arg(value_name = "AMI|NAME")]
    pub(crate) image: String,
    #[command(flatten)]
    pub(crate) from: InventoryArgs,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Policy file [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<amictl_model::Moment>,
}

/// `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Policy file [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Judge this inventory in place of a new scan: its id or file
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) inventory: Option<String>,
    /// Write the plan to this file too
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<amictl_model::Moment>,
    /// Exit with 2 when there is something to do
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// List every kept image, not only counts by reason
    #[arg(long)]
    pub(crate) all: bool,
}

/// What `apply` and `resume` share.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Refuse unless the credentials are of this account
    #[arg(long, value_name = "ID")]
    pub(crate) expect_account: Option<amictl_model::AccountId>,
    /// How long a disabled image waits before references are read again
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s")]
    pub(crate) settle: std::time::Duration,
    /// How old the plan may be
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "24h")]
    pub(crate) max_age: std::time::Duration,
}

/// `apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The plan file; also one in the bucket that --state names, by its URL
    #[arg(value_name = "PLAN")]
    pub(crate) plan: String,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `resume`.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The run [default: the newest that is not finished]
    #[arg(value_name = "RUN")]
    pub(crate) run_id: Option<String>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `undo`.
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The run; or one of its undos, such as RUN/undo-001: what that gave back is done again, with every check of `apply`
    #[arg(value_name = "RUN")]
    pub(crate) run_id: String,
    /// Only these steps or images, separated by commas
    #[arg(long, value_name = "STEP|AMI,…", value_delimiter = ',')]
    pub(crate) step: Vec<String>,
    /// Only say what would be taken back, until when, and what cannot
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `runs`.
#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<RunsCommand>,
}

/// `runs …`.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List all runs
    List,
    /// Show what a run did, step by step
    Show {
        /// The run
        run: String,
    },
}

/// `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Policy file: sources that it says are not used are not tried [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
}

fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    let problem = || format!("`{text}` is not a time such as `20ms`, `60s`, `5m` or `24h`");
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text[..digits].parse().map_err(|_| problem())?;
    let millis = match &text[digits..] {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(problem()),
    };
    number.checked_mul(millis).map(std::time::Duration::from_millis).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// An option of a command that has the name of a global one is only found out when both are read.
    #[test]
    fn every_command_is_read_beside_the_global_options() {
        let global = [
            "--state",
            "s",
            "--region",
            "eu-west-1",
            "--output",
            "json",
            "--role-arn",
            "arn:aws:iam::111122223333:role/x",
        ];
        for command in [
            &["demo"][..],
            &["sandbox"],
            &["scan"],
            &["list"],
            &["show", "web"],
            &["refs", "web"],
            &["tree", "web"],
            &["explain", "web"],
            &["plan"],
            &["apply", "plan.json"],
            &["approve", "plan.json"],
            &["notify"],
            &["run"],
            &["resume"],
            &["undo", "run-1"],
            &["runs"],
            &["create", "i-1", "--name", "web", "--reboot"],
            &["copy", "ami-1", "--to-region", "eu-west-1"],
            &["share", "ami-1", "--public"],
            &["unshare", "ami-1", "--account", "123456789012"],
            &["deprecate", "ami-1", "--in", "30d"],
            &["undeprecate", "ami-1"],
            &["disable", "--from-file", "images.txt"],
            &["enable", "ami-1", "ami-2"],
            &["protect", "ami-1", "--cooldown"],
            &["unprotect", "ami-1"],
            &["publish", "ami-1", "--parameter", "/web"],
            &["promote", "/web/beta", "/web/prod"],
            &["rollback", "/web/prod"],
            &["wait", "ami-1", "snap-1"],
            &["deregister", "ami-1", "--name", "web", "--delete-snapshots"],
            &["bin", "list"],
            &["bin", "restore", "ami-1", "snap-1", "vol-1"],
            &["terminate", "ami-1"],
            &["snapshots", "--orphans", "--delete"],
            &["volumes", "vol-1", "--delete"],
            &["policy", "schema"],
            &["policy", "test", "tests.yaml"],
            &["policy", "diff", "old.yaml", "new.yaml"],
            &["policy", "forecast"],
            &["policy", "convert", "policy.json"],
            &["doctor"],
            &["iam-policy", "--for", "scan"],
            &["man"],
        ] {
            let line = Cli::try_parse_from(["amictl"].iter().chain(command).chain(&global));
            assert_eq!(line.unwrap().global.state, "s", "{command:?}");
        }
    }

    #[test]
    fn durations_are_read_and_nonsense_is_refused() {
        assert_eq!(parse_duration("60s"), Ok(std::time::Duration::from_secs(60)));
        assert_eq!(parse_duration("0"), Ok(std::time::Duration::ZERO));
        assert_eq!(parse_duration("24h"), Ok(std::time::Duration::from_secs(86_400)));
        for text in ["", "s", "-1s", "1.5h", "9w", "99999999999999999999s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
