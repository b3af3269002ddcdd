//! The arguments of `policy`.

use std::path::PathBuf;

use amictl_model::Moment;
use amictl_policy::ConvertFrom;
use clap::{Args, Subcommand, ValueEnum};

use super::InventoryArgs;

const TEST_EXAMPLES: &str = "\
Examples:
  amictl policy test tests.yaml
  amictl policy test tests.yaml -f amictl.yaml --output json

A test file:
  policy: amictl.yaml
  now: 2026-11-21T09:30:00Z
  tests:
    - name: old images go, used ones stay
      images:
        - { name: web-1, age: 400d }
        - { name: web-2, age: 400d, used_by: i-1 }
      expect:
        web-1: retire
        web-2: { verdict: keep, because: in_use }

Exit codes: 0 every expectation was met, 1 one was not.";

const DIFF_EXAMPLES: &str = "\
Examples:
  amictl policy diff amictl.yaml new.yaml
  amictl policy diff amictl.yaml new.yaml --inventory 20261121T093000.123Z-1f03ab --output json";

const FORECAST_EXAMPLES: &str = "\
Examples:
  amictl policy forecast --days 90
  amictl policy forecast -f new.yaml --inventory inventory.json.zst --output csv";

const CONVERT_EXAMPLES: &str = "\
Examples:
  amictl policy convert custodian.yml > amictl.yaml
  aws dlm get-lifecycle-policy --policy-id policy-0123456789abcdef0 > dlm.json && amictl policy convert dlm.json
  amictl policy convert lifecycle.json --output json

What could not be carried over stands in comments at the head. What would let more images go than before leaves its rule out.";

/// `policy`.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

/// `policy …`.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check a policy file
    Validate {
        /// The file
        file: PathBuf,
    },
    /// Print the JSON Schema of policy files
    Schema,
    /// Print the policy that is used without a file
    BuiltIn,
    /// Run your own tests of a policy: images in, expected verdicts out
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Say which verdicts change from one policy to another
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Say what a policy would do in the days to come
    #[command(after_help = FORECAST_EXAMPLES)]
    Forecast(ForecastArgs),
    /// Make a policy from one of Cloud Custodian, Data Lifecycle Manager or EC2 Image Builder
    #[command(after_help = CONVERT_EXAMPLES)]
    Convert(ConvertArgs),
}

/// `policy test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The test file
    pub(crate) file: PathBuf,
    /// Policy file [default: the one that the test file names]
    #[arg(short = 'f', long = "file", value_name = "FILE", id = "policy_file")]
    pub(crate) policy: Option<PathBuf>,
}

/// `policy diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The old policy file
    pub(crate) old: PathBuf,
    /// The new policy file
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) from: InventoryArgs,
    /// Judge as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
}

/// `policy forecast`.
#[derive(Debug, Args)]
pub(crate) struct ForecastArgs {
    /// Policy file [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) from: InventoryArgs,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: u32,
    /// The first day
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
}

/// `policy convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The other tool's file, YAML or JSON
    pub(crate) file: PathBuf,
    /// What it is of [default: found out]
    #[arg(long, value_enum)]
    pub(crate) from: Option<Tool>,
}

/// `--from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// Cloud Custodian
    Custodian,
    /// Amazon Data Lifecycle Manager
    Dlm,
    /// EC2 Image Builder
    ImageBuilder,
}

impl Tool {
    pub(crate) fn kind(self) -> ConvertFrom {
        match self {
            Self::Custodian => ConvertFrom::Custodian,
            Self::Dlm => ConvertFrom::Dlm,
            Self::ImageBuilder => ConvertFrom::ImageBuilder,
        }
    }
}
