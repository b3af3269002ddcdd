//! The command lines of `snapshots` and `volumes`.

use std::path::PathBuf;

use amictl_model::Moment;
use amictl_policy::Leftover;
use clap::{Args, ValueEnum};

/// What `snapshots --help` ends with.
pub(crate) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  amictl snapshots --orphans                          those that images left behind
  amictl snapshots --standing orphan,unknown --region all --output csv
  amictl snapshots --accounts-file accounts.txt --assume-role reader --output json

A snapshot is left over when its description says that EC2 made it for an image, the image is gone, and nothing else has it: no other image, none in
the Recycle Bin, no volume, launch template or launch configuration, no other account. What could not be read makes it `unknown`.";

/// What `volumes --help` ends with.
pub(crate) const VOLUME_EXAMPLES: &str = "\
Examples:
  amictl volumes --orphans                            those that instances of images left behind
  amictl volumes --region all --output csv

A volume is left over when it is available for more than a day, attached to nothing, and was made from the snapshot of an image, gone or not.";

/// `snapshots` and `volumes`.
#[derive(Debug, Args)]
pub(crate) struct LeftoverArgs {
    /// Only those that are left over from images
    #[arg(long, conflicts_with = "standing")]
    pub(crate) orphans: bool,
    /// Only those that are this
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) standing: Vec<StandingArg>,
    /// List so many at most
    #[arg(long, value_name = "N", visible_alias = "max-items")]
    pub(crate) limit: Option<usize>,
    /// An inventory's id or file, made by this command [default: a new scan]
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) inventory: Option<String>,
    /// Policy file, for what it protects [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
}

/// `--standing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum StandingArg {
    /// Left over from an image, with nothing that uses it
    Orphan,
    /// It would be left over, but something that may use it could not be read
    Unknown,
    /// Something uses it
    Used,
    /// Protected, locked, shared, in the making, or managed by a service
    LeftAlone,
    /// Nothing uses it, and nothing says that it was made for an image
    Standalone,
}

impl LeftoverArgs {
    /// Whether what is this is shown.
    pub(crate) fn shows(&self, standing: Leftover) -> bool {
        match (self.orphans, self.standing.as_slice()) {
            (true, _) => standing == Leftover::Orphan,
            (false, []) => true,
            (false, wanted) => wanted.iter().any(|wanted| wanted.leftover() == standing),
        }
    }
}

impl StandingArg {
    fn leftover(self) -> Leftover {
        match self {
            Self::Orphan => Leftover::Orphan,
            Self::Unknown => Leftover::Unknown,
            Self::Used => Leftover::Used,
            Self::LeftAlone => Leftover::LeftAlone,
            Self::Standalone => Leftover::Standalone,
        }
    }
}
