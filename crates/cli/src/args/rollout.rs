//! The command lines of what starts instances: `rollout` and `launch`.

use std::path::PathBuf;
use std::time::Duration;

use amictl_policy::VersionedFamily;
use clap::Args;

use super::image_ref::ImageRef;
use super::life::ChangeArgs;
use super::making::parse_tag;
use super::parse_duration;

pub(crate) const ROLLOUT_EXAMPLES: &str = "\
Examples:
  amictl rollout ami-0123456789abcdef0 --template web --dry-run
  amictl rollout ami-0123456789abcdef0 --template web --min-healthy 90 --warmup 60s --yes
  amictl rollout find:self/web-*:arm64 --template web --group web-a --region us-east-1,eu-west-1 --yes
  amictl rollout find:self/web-*:x86_64 --family web --yes                every template that launches an image of the family
  amictl rollout resolve:ssm:/images/web/prod --template web --yes       the template follows a channel
  amictl rollout --to-version 4 --template web --yes                     back to a version that is there

A new version of the launch template, like the one in use but for the image, becomes the default one, and the instances of the Auto Scaling groups that
use the template are replaced. When the refresh of a group fails, all groups and the default version are put back (exit code 3). A template that names
a channel needs no new version: only the instances are replaced. After --timeout the exit code is 5, and `amictl resume` goes on.";

pub(crate) const LAUNCH_EXAMPLES: &str = "\
Examples:
  amictl launch --image ami-0123456789abcdef0 --instance-type t3.small --tag app=web
  amictl launch --template web --count 3
  amictl launch --template web --image find:self/web-* --client-token release-7     the same again launches nothing
  amictl launch --image ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 --instance-type t3.micro --dry-run

All instances are launched, or none. The request carries a client token, so that one whose answer was lost launches nothing twice. Undoing ends no
instance: it says how.";

/// What `rollout` leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RolloutImage {
    /// The version names the image itself.
    Image(ImageRef),
    /// `resolve:ssm:NAME`: the version names the parameter.
    Channel(String),
}

/// `rollout`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct RolloutArgs {
    /// The image, one for each Region; or `resolve:ssm:PARAMETER`, which the launch template then names itself
    #[arg(value_name = "AMI", group = "what", value_parser = parse_rollout_image)]
    pub(crate) images: Vec<RolloutImage>,
    /// A version of the launch template that is there, in place of a new one
    #[arg(long, value_name = "N", group = "what", conflicts_with_all = ["images", "source_version"])]
    pub(crate) to_version: Option<u64>,
    /// The launch template, by id or name; repeatable
    #[arg(long, value_name = "NAME|ID", required_unless_present = "family")]
    pub(crate) template: Vec<String>,
    /// Every launch template whose default version launches an image of this family: a name pattern, or a word such as `web` for `web-{version}`
    #[arg(long, value_name = "FAMILY", value_parser = parse_family, conflicts_with_all = ["template", "to_version"])]
    pub(crate) family: Option<VersionedFamily>,
    /// Only these groups, separated by commas [default: all that use the template]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// The version that the new one is like [default: the one in use]
    #[arg(long, value_name = "N")]
    pub(crate) source_version: Option<u64>,
    /// The default version stays what it is
    #[arg(long)]
    pub(crate) keep_default: bool,
    /// The template may name an image in place of the channel that it names by now
    #[arg(long)]
    pub(crate) replace_channel: bool,
    /// Leave everything as it is when the refresh of a group fails
    #[arg(long)]
    pub(crate) no_rollback: bool,
    #[command(flatten)]
    pub(crate) refresh: RefreshArgs,
    /// How long to wait for the refreshes at most
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "2h")]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// How the instances of a group are replaced; what is not said is as the group has it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Replacing instances")]
pub(crate) struct RefreshArgs {
    /// So many percent of the group stay in service
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_healthy: Option<u8>,
    /// So many percent may be there at once
    #[arg(long, value_name = "PERCENT", requires = "min_healthy", value_parser = clap::value_parser!(u8).range(100..=200))]
    pub(crate) max_healthy: Option<u8>,
    /// How long a new instance takes until it counts as healthy
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) warmup: Option<Duration>,
    /// Pauses at so many percent, separated by commas
    #[arg(long, value_name = "PERCENT,…", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) checkpoint: Vec<u8>,
    /// How long a pause lasts
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "checkpoint")]
    pub(crate) checkpoint_delay: Option<Duration>,
    /// How long it is watched in the end
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) bake: Option<Duration>,
    /// CloudWatch alarms that fail it, separated by commas
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) alarm: Vec<String>,
}

/// `launch`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("of").required(true).multiple(true))]
pub(crate) struct LaunchArgs {
    /// The image: an id, `ssm:PARAMETER` or `find:OWNER/NAME[:ARCHITECTURE]` [default: the launch template's]
    #[arg(long, value_name = "AMI", group = "of")]
    pub(crate) image: Option<ImageRef>,
    /// A launch template, by id or name
    #[arg(long, value_name = "NAME|ID", group = "of")]
    pub(crate) template: Option<String>,
    /// Its version [default: its default version]
    #[arg(long, value_name = "N", requires = "template")]
    pub(crate) template_version: Option<u64>,
    /// How many instances: all of them, or none
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) count: u32,
    /// Their type; needed without a template
    #[arg(long, value_name = "TYPE")]
    pub(crate) instance_type: Option<String>,
    /// The subnet
    #[arg(long, value_name = "ID")]
    pub(crate) subnet: Option<String>,
    /// Security groups, separated by commas
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) security_group: Vec<String>,
    /// The key pair
    #[arg(long, value_name = "NAME")]
    pub(crate) key_name: Option<String>,
    /// The instance profile, by name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    pub(crate) instance_profile: Option<String>,
    /// A file with user data
    #[arg(long, value_name = "FILE")]
    pub(crate) user_data: Option<PathBuf>,
    /// The metadata service asks for tokens
    #[arg(long)]
    pub(crate) imds_v2: bool,
    /// A tag of the instances and their volumes; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// What names this launch: the same again launches nothing, for as long as EC2 remembers it
    #[arg(long, value_name = "TEXT", value_parser = parse_token)]
    pub(crate) client_token: Option<String>,
    /// Do not wait until they run
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// How long to wait at most
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10m")]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

fn parse_family(text: &str) -> Result<VersionedFamily, String> {
    VersionedFamily::of_pattern(text)
}

fn parse_rollout_image(text: &str) -> Result<RolloutImage, String> {
    match text.strip_prefix("resolve:ssm:") {
        Some("") => Err("`resolve:ssm:` is followed by the name of a parameter".to_owned()),
        Some(name) => Ok(RolloutImage::Channel(name.to_owned())),
        None => text.parse().map(RolloutImage::Image),
    }
}

/// EC2 API Reference, `RunInstances`, `ClientToken`.
fn parse_token(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err("a client token has 1 to 64 ASCII characters and no spaces".to_owned()) }
}
