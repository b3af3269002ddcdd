//! The command lines of `approve`, `notify` and `run`.

use std::path::PathBuf;

use amictl_model::Moment;
use clap::Args;

use super::RunArgs;

/// What `approve --help` ends with.
pub(crate) const APPROVE_EXAMPLES: &str = "\
Examples:
  amictl approve plan.json --comment 'looked at every image'
  amictl approve s3://my-states/amictl/plans/20261121T093000.123Z-1f03ab.json --state s3://my-states/amictl

The approval is kept in the state with the ARN of the credentials (before any --role-arn), the time and the plan's digest: of a plan that was edited
it is none. Whoever made the plan cannot approve it.";

/// What `notify --help` ends with.
pub(crate) const NOTIFY_EXAMPLES: &str = "\
Examples:
  amictl notify --dry-run                            who would be told what
  amictl notify -f amictl.yaml --region all

Each stage of an image is told to each target once; what could not be sent is sent by the next run. A message whose answer was lost is sent again.
Exit codes: 0 everybody is told, 3 something could not be sent.";

/// What `run --help` ends with.
pub(crate) const RUN_EXAMPLES: &str = "\
Examples:
  amictl run -f amictl.yaml --region all --state s3://my-states/amictl --yes

Notices that cannot be sent end it before anything is changed (exit code 3). Where the policy asks for approvals, it ends with the plan. Outside of the
policy's windows it only sends notices.";

/// `approve`.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// The plan file; also one in the bucket that --state names, by its URL
    #[arg(value_name = "PLAN")]
    pub(crate) plan: String,
    /// A few words that are kept with the approval
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
}

/// `notify`.
#[derive(Debug, Args)]
pub(crate) struct NotifyArgs {
    /// Policy file [default: amictl.yaml if there is one]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Judge this inventory in place of a new scan: its id or file
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) inventory: Option<String>,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
    /// Send nothing: list what would be sent
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct DueArgs {
    /// Policy file [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
    /// Exit with 2 when a plan waits for approvals
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}
