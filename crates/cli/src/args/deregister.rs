//! The command line of `deregister`.

use std::path::PathBuf;
use std::time::Duration;

use amictl_model::ImageId;
use clap::Args;

use super::life::ChangeArgs;
use super::parse_duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl deregister ami-0123456789abcdef0 --delete-snapshots --dry-run
  amictl deregister --name web-2025.01.02 --name web-2025.02.03 --delete-snapshots --region all
  amictl deregister --from-file old.txt --delete-snapshots --skip-used --yes
  amictl deregister ami-0123456789abcdef0 --keep-snapshots --require-recycle-bin 7d
  amictl deregister ami-0123456789abcdef0 --delete-snapshots --terminate-instances
  amictl deregister ami-0123456789abcdef0 --delete-snapshots --even-if-used 'CHG-1234: the group is being taken down'

What uses the images is read as `plan` reads it, in each of their Regions and all accounts that are named, and an image that is used, protected, or not
known to be unused is refused by name of what uses it (exit code 4), with all the others unless --skip-used leaves only those out (then 3). What goes is
disabled first, left alone for --settle, looked at once more, and only then deregistered. Images that are gone already are told and no error.";

/// `deregister`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
#[command(group = clap::ArgGroup::new("snapshots").required(true))]
pub(crate) struct DeregisterArgs {
    /// The images
    #[arg(value_name = "AMI", group = "which")]
    pub(crate) images: Vec<ImageId>,
    /// Images by their whole name; repeatable
    #[arg(long, value_name = "NAME", group = "which")]
    pub(crate) name: Vec<String>,
    /// A file of images by id: the first word of each line that is neither empty nor begins with #
    #[arg(long, value_name = "FILE", group = "which")]
    pub(crate) from_file: Option<PathBuf>,
    /// Their snapshots go too, but for those that something else needs
    #[arg(long, group = "snapshots")]
    pub(crate) delete_snapshots: bool,
    /// Their snapshots stay
    #[arg(long, group = "snapshots")]
    pub(crate) keep_snapshots: bool,
    /// Also images that are used, or of which that is not known; why, for the journal and the audit file
    #[arg(long, value_name = "REASON", value_parser = parse_reason)]
    pub(crate) even_if_used: Option<String>,
    /// First terminate the instances that were launched from them, after a question of its own
    #[arg(long, conflicts_with_all = ["out", "even_if_used"])]
    pub(crate) terminate_instances: bool,
    /// Do not ask before instances are terminated; --yes does not answer that
    #[arg(long, requires = "terminate_instances")]
    pub(crate) yes_terminate: bool,
    /// Leave out the images that are refused, and go on with the others (exit code 3)
    #[arg(long)]
    pub(crate) skip_used: bool,
    /// Images that are nowhere to be found are no error
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Refuse what the Recycle Bin would not keep for so long, such as `7d`
    #[arg(long, value_name = "TIME", value_parser = parse_days)]
    pub(crate) require_recycle_bin: Option<amictl_policy::Duration>,
    /// How long a disabled image waits before references are read again
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s")]
    pub(crate) settle: Duration,
    /// Policy file, for what it protects and what counts as a use [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// A reason is read by people: a line, and not an empty one.
fn parse_reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("say why: the reason is kept in the journal and the audit file".to_owned()),
        1..=1000 => Ok(text.to_owned()),
        _ => Err("a reason has at most 1,000 characters".to_owned()),
    }
}

fn parse_days(text: &str) -> Result<amictl_policy::Duration, String> {
    amictl_policy::Duration::parse(text)
        .filter(|time| time.as_secs() > 0)
        .ok_or_else(|| format!("`{text}` is not a time such as `7d`, `2w` or `24h`"))
}
