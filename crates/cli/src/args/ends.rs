//! The command lines of `bin` and `terminate`.

use amictl_plan::Target;
use clap::{Args, Subcommand};

use super::life::{ChangeArgs, TargetArgs};

pub(crate) const BIN_EXAMPLES: &str = "\
Examples:
  amictl bin list --region all
  amictl bin restore ami-0123456789abcdef0                  its snapshots first, then the image
  amictl bin restore ami-0123456789abcdef0 snap-0123456789abcdef0
  amictl bin restore vol-0123456789abcdef0 --dry-run

AWS does not tell which snapshots an image in the bin has: they are known from the runs in the state folder and from the descriptions that EC2 writes.
Snapshots that are named beside an image are restored before it. What `amictl` deregistered also comes back with its launch permissions by
`amictl undo RUN`.";

pub(crate) const TERMINATE_EXAMPLES: &str = "\
Examples:
  amictl terminate ami-0123456789abcdef0 --dry-run
  amictl terminate ami-0123456789abcdef0 --region us-east-1,eu-west-1 --yes

Terminates the instances that were launched from these images, also from images that are gone. Each is told before. Instances that are protected from
termination, or that an Auto Scaling group would replace, are refused with all the others (exit code 4), unless --skip-protected leaves them out (3).";

/// `bin`.
#[derive(Debug, Args)]
pub(crate) struct BinArgs {
    #[command(subcommand)]
    pub(crate) command: BinCommand,
}

/// `bin …`.
#[derive(Debug, Subcommand)]
pub(crate) enum BinCommand {
    /// List images, snapshots and volumes in the Recycle Bin, and until when
    List,
    /// Take images, snapshots and volumes out of it
    #[command(after_help = BIN_EXAMPLES)]
    Restore(BinRestoreArgs),
}

/// `bin restore`.
#[derive(Debug, Args)]
pub(crate) struct BinRestoreArgs {
    /// What is to come back
    #[arg(value_name = "AMI|SNAPSHOT|VOLUME", required = true)]
    pub(crate) ids: Vec<Target>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `terminate`.
#[derive(Debug, Args)]
pub(crate) struct TerminateArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// Leave out the instances that are refused, and go on with the others (exit code 3)
    #[arg(long)]
    pub(crate) skip_protected: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}
