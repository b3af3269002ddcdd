//! The command lines of `snapshots` and `volumes`.

use std::path::PathBuf;

use amictl_model::Moment;
use amictl_policy::Leftover;
use clap::{Args, ValueEnum};

use super::life::ChangeArgs;

/// What `snapshots --help` ends with.
pub(crate) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  amictl snapshots --orphans                          those that images left behind
  amictl snapshots --standing orphan,unknown --region all --output csv
  amictl snapshots --accounts-file accounts.txt --assume-role reader --output json
  amictl snapshots --orphans --delete --dry-run
  amictl snapshots snap-0123456789abcdef0 --delete    also one that no image left behind, if nothing uses it

A snapshot is left over when its description says that EC2 made it for an image, the image is gone, and nothing else has it: no other image, none in
the Recycle Bin, no volume, launch template or launch configuration, no other account. What could not be read makes it `unknown`.";

/// What `volumes --help` ends with.
pub(crate) const VOLUME_EXAMPLES: &str = "\
Examples:
  amictl volumes --orphans                            those that instances of images left behind
  amictl volumes --region all --output csv
  amictl volumes --orphans --delete --region all
  amictl volumes vol-0123456789abcdef0 --delete --yes

A volume is left over when it is available for more than a day, attached to nothing, and was made from the snapshot of an image, gone or not.";

/// `snapshots` and `volumes`.
#[derive(Debug, Args)]
pub(crate) struct LeftoverArgs {
    /// Only these
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Delete the orphans, or those that are named: through a plan, and looked at once more just before
    #[arg(long, conflicts_with_all = ["standing", "inventory", "now"])]
    pub(crate) delete: bool,
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
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
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
    /// Whether it is to be listed, as far as ids go.
    pub(crate) fn names(&self, id: &str) -> bool {
        self.ids.is_empty() || self.ids.iter().any(|named| named == id)
    }

    /// What cannot be meant together.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match (self.delete, self.orphans, self.ids.is_empty()) {
            (true, false, true) => Err("--delete: say which, with --orphans or by their ids"),
            (true, true, false) => Err("--delete: either --orphans or ids, not both"),
            (false, ..) if self.change.dry_run || self.change.yes || self.change.out.is_some() => {
                Err("--dry-run, --yes and --out belong to --delete: listing changes nothing")
            }
            _ => Ok(()),
        }
    }

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
