//! The command lines of `version`.

use std::path::PathBuf;

use amictl_policy::{Bump, VersionScheme};
use clap::{Args, Subcommand, ValueEnum};

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl version list web --region us-east-1,eu-west-1
  amictl version list 'web-{semver}-{arch}' --output json
  amictl version next web --scheme semver --bump minor
  amictl version next web-prod --policy amictl.yaml --scheme date
  amictl create i-0123456789abcdef0 --name 'web-{version}' --version \"$(amictl version next web --scheme counter)\" --no-reboot

A family is a name pattern with {semver}, {version}, {date}, {number} or {build} in it; a plain word such as `web` means `web-{version}`. With --policy it
is the name of a family of that policy, and with --tag the version stands in that tag. Every image of the account counts, disabled ones too: their names
are taken. `next` prints the version alone, for scripts; in JSON the name too.";

/// `version`.
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    #[command(subcommand)]
    pub(crate) command: VersionCommand,
}

/// What about versions.
#[derive(Debug, Subcommand)]
pub(crate) enum VersionCommand {
    /// List the versions of a family, and in which Regions each is
    List(VersionListArgs),
    /// Print the version that comes next
    Next(VersionNextArgs),
}

/// Which images.
#[derive(Debug, Clone, Args)]
pub(crate) struct VersionedArgs {
    /// A name pattern such as `web-{version}`, a plain word, or with --policy the name of a family
    #[arg(value_name = "FAMILY")]
    pub(crate) family: String,
    /// The policy file that the family is of
    #[arg(long, short = 'f', value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The tag that the version stands in
    #[arg(long, value_name = "KEY")]
    pub(crate) tag: Option<String>,
}

/// `version list`.
#[derive(Debug, Args)]
pub(crate) struct VersionListArgs {
    #[command(flatten)]
    pub(crate) of: VersionedArgs,
}

/// `version next`.
#[derive(Debug, Args)]
pub(crate) struct VersionNextArgs {
    #[command(flatten)]
    pub(crate) of: VersionedArgs,
    /// How versions count on
    #[arg(long, value_enum)]
    pub(crate) scheme: SchemeArg,
    /// The part of a semantic version that grows [default: patch]
    #[arg(long, value_enum)]
    pub(crate) bump: Option<BumpArg>,
}

/// `--scheme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeArg {
    /// 1.4.2, then 1.4.3
    Semver,
    /// 20261122, then 20261122.1
    Date,
    /// 7, then 8
    Counter,
}

/// `--bump`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BumpArg {
    /// 1.4.2, then 2.0.0
    Major,
    /// 1.4.2, then 1.5.0
    Minor,
    /// 1.4.2, then 1.4.3
    Patch,
}

impl VersionNextArgs {
    /// The scheme; `None` where something is to grow that it has not.
    pub(crate) fn scheme(&self) -> Option<VersionScheme> {
        let bump = match self.bump {
            Some(BumpArg::Major) => Bump::Major,
            Some(BumpArg::Minor) => Bump::Minor,
            Some(BumpArg::Patch) | None => Bump::Patch,
        };
        match self.scheme {
            SchemeArg::Semver => Some(VersionScheme::Semver(bump)),
            SchemeArg::Date => self.bump.is_none().then_some(VersionScheme::Date),
            SchemeArg::Counter => self.bump.is_none().then_some(VersionScheme::Counter),
        }
    }
}
