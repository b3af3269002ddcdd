//! The command lines of what makes images: `copy` and `create`.

use std::time::Duration;

use amictl_apply::Awaited;
use amictl_model::{AccountId, Grantee, Region};
use clap::Args;

use super::image_ref::ImageRef;
use super::life::{ChangeArgs, parse_grantee};
use super::parse_duration;

pub(crate) const COPY_EXAMPLES: &str = "\
Examples:
  amictl copy ami-0123456789abcdef0 --to-region eu-west-1,ap-south-1 --wait
  amictl copy ami-0123456789abcdef0 --to-region eu-west-1 --kms-key eu-west-1=alias/images --copy-tags
  amictl copy ami-0123456789abcdef0 --to-region eu-west-1 --share-with 111122223333
  amictl copy ami-0123456789abcdef0 --to-region eu-west-1 --complete-within 30m
  amictl copy ami-0123456789abcdef0 --to-account 111122223333,444455556666 --assume-role image-maker

With --to-account the image and its snapshots are shared with those accounts first, and stay so; each account then makes a copy of its own.
A Region that has a copy of the image by this name already gets no second one, so the command can be run again. What fails in one Region does not hold
up the others (exit code 3). Whoever it is shared with is let in once the copy is available. After --timeout the exit code is 5, and `amictl resume`
goes on waiting. Undoing it disables the copies and deletes nothing.";

pub(crate) const CREATE_EXAMPLES: &str = "\
Examples:
  amictl create i-0123456789abcdef0 --name web-2026.11.22 --reboot
  amictl create i-0123456789abcdef0 --name web-2026.11.22 --no-reboot --tag app=web --protect --deprecate-after 90d --wait
  amictl create i-0123456789abcdef0 --name web-2026.11.22 --reboot --copy-to eu-west-1,ap-south-1 --share-with 111122223333
  amictl create --instance-tag app=web --name '{name} {instance} 2026.11.22' --no-reboot --exclude-device /dev/sdf

With --copy-to the image is waited for, then copied; what is said of the image (tags, sharing, deprecation, protection) is said of the copies too.
EC2 reboots the instance unless it is told not to, so one of both has to be said: with a reboot its file systems are whole. A name serves one image of
an account and Region: the image that was made of this instance by this name is not made again.";

pub(crate) const WAIT_EXAMPLES: &str = "\
Examples:
  amictl wait ami-0123456789abcdef0
  amictl wait ami-0123456789abcdef0 snap-0123456789abcdef0 --timeout 30m

An image is waited for until it is available, a snapshot until it is completed, each seen so three times in a row; what has failed ends the wait at
once, with EC2's reason. Exit codes: 0 all can be used, 1 none ever will be, 3 some never will be, 5 timed out.";

/// `wait`.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// Images and snapshots
    #[arg(value_name = "AMI|SNAPSHOT", required = true, value_parser = parse_awaited)]
    pub(crate) ids: Vec<Awaited>,
    /// How long to wait at most
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "2h")]
    pub(crate) timeout: Duration,
}

/// Parses the time of a time-based copy: minutes.
pub(super) fn parse_completion(text: &str) -> Result<u16, String> {
    // EC2 API Reference, `CopyImage`, `SnapshotCopyCompletionDurationMinutes`.
    let seconds = parse_duration(text)?.as_secs();
    let minutes = u16::try_from(seconds / 60).unwrap_or(u16::MAX);
    let fits = seconds.is_multiple_of(900) && (15..=2880).contains(&minutes);
    if fits { Ok(minutes) } else { Err("EC2 takes quarters of an hour, from 15m to 48h".to_owned()) }
}

/// What becomes of an image that is made.
#[derive(Debug, Clone, Args)]
pub(crate) struct ThenArgs {
    /// A tag of the image and of its snapshots; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// Who may launch it once it is available: accounts, ARNs of organizations or units, `marketplace`; separated by commas
    #[arg(long, value_name = "WHOM,…", value_delimiter = ',', value_parser = parse_grantee)]
    pub(crate) share_with: Vec<Grantee>,
    /// Deprecate it in so long from now, such as `90d`
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) deprecate_after: Option<Duration>,
    /// Protect it from being deregistered
    #[arg(long)]
    pub(crate) protect: bool,
    /// Wait until it is available
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long to wait for an image at most, where there is something to wait for
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "2h")]
    pub(crate) timeout: Duration,
}

/// `copy`.
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// The images: ids, `ssm:PARAMETER` or `find:OWNER/NAME[:ARCHITECTURE]`
    #[arg(value_name = "AMI", required = true)]
    pub(crate) images: Vec<ImageRef>,
    /// Regions to copy to, separated by commas [default with --to-account: where the image is]
    #[arg(long, value_name = "R,…", value_delimiter = ',', required_unless_present = "to_account")]
    pub(crate) to_region: Vec<Region>,
    /// Accounts that make the copies, separated by commas, in which --assume-role names a role [default: the image's]
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) to_account: Vec<AccountId>,
    /// What the copies are called [default: as the image is]
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub(crate) name: Option<String>,
    /// How they are described [default: as the image is]
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The key to encrypt the copy in a Region with; repeatable
    #[arg(long, value_name = "R=KEY", value_parser = parse_key)]
    pub(crate) kms_key: Vec<(Region, String)>,
    /// Encrypt the copies, with the account's default key where --kms-key names none
    #[arg(long)]
    pub(crate) encrypted: bool,
    /// How soon EC2 has to have copied it, in quarters of an hour up to 48h; that costs more by the GiB
    #[arg(long, value_name = "TIME", value_parser = parse_completion)]
    pub(crate) complete_within: Option<u16>,
    /// The image's tags go with it
    #[arg(long)]
    pub(crate) copy_tags: bool,
    #[command(flatten)]
    pub(crate) then: ThenArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Where an image goes on to once it is made.
#[derive(Debug, Clone, Args)]
pub(crate) struct OnwardArgs {
    /// Regions to copy the image to, separated by commas
    #[arg(long, value_name = "R,…", value_delimiter = ',')]
    pub(crate) copy_to: Vec<Region>,
    /// The key to encrypt the copy in a Region with; repeatable
    #[arg(long, value_name = "R=KEY", value_parser = parse_key, requires = "copy_to")]
    pub(crate) kms_key: Vec<(Region, String)>,
    /// How soon EC2 has to have copied it, in quarters of an hour up to 48h; that costs more by the GiB
    #[arg(long, value_name = "TIME", value_parser = parse_completion, requires = "copy_to")]
    pub(crate) complete_within: Option<u16>,
}

/// `create`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("rebooting").required(true))]
pub(crate) struct CreateArgs {
    /// The instances
    #[arg(value_name = "INSTANCE", value_parser = parse_instance, required_unless_present = "instance_tag")]
    pub(crate) instances: Vec<String>,
    /// Of all instances that have this tag; repeatable: those that have all of them
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag, conflicts_with = "instances")]
    pub(crate) instance_tag: Vec<(String, String)>,
    /// What the image is called; `{instance}` stands for the instance's id, `{name}` for its tag `Name`, `{version}` for --version
    #[arg(long, value_name = "NAME", value_parser = parse_name_template)]
    pub(crate) name: String,
    /// The version that it is of, which the tag `version` keeps too
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// How it is described
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The instance is rebooted: its file systems are whole
    #[arg(long, group = "rebooting")]
    pub(crate) reboot: bool,
    /// The instance goes on running: its file systems may be in the middle of something
    #[arg(long, group = "rebooting")]
    pub(crate) no_reboot: bool,
    /// A device whose volume is left out, such as /dev/sdf; repeatable
    #[arg(long, value_name = "DEVICE")]
    pub(crate) exclude_device: Vec<String>,
    #[command(flatten)]
    pub(crate) onward: OnwardArgs,
    #[command(flatten)]
    pub(crate) then: ThenArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

fn parse_awaited(text: &str) -> Result<Awaited, String> {
    let snapshot = || text.parse().map(Awaited::Snapshot);
    text.parse()
        .map(Awaited::Image)
        .or_else(|_| snapshot())
        .map_err(|_| format!("`{text}` is neither an image's id (`ami-…`) nor a snapshot's (`snap-…`)"))
}

pub(super) fn parse_tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not KEY=VALUE"))?;
    // EC2 API Reference, `Tag`.
    match () {
        () if key.is_empty() => Err("a tag needs a key".to_owned()),
        () if key.starts_with("aws:") => Err("keys that begin with `aws:` are AWS's own".to_owned()),
        () if key.chars().count() > 127 => Err("the key of a tag has 127 characters at most".to_owned()),
        () if value.chars().count() > 256 => Err("the value of a tag has 256 characters at most".to_owned()),
        () => Ok((key.to_owned(), value.to_owned())),
    }
}

pub(super) fn parse_key(text: &str) -> Result<(Region, String), String> {
    let (region, key) = text.split_once('=').ok_or_else(|| format!("`{text}` is not REGION=KEY"))?;
    let region = region.parse().map_err(|error| format!("{error}"))?;
    if key.is_empty() { Err("a key needs an id, an alias or an ARN".to_owned()) } else { Ok((region, key.to_owned())) }
}

fn parse_instance(text: &str) -> Result<String, String> {
    let is_id = text
        .strip_prefix("i-")
        .is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_id { Ok(text.to_owned()) } else { Err("an instance's id is `i-` and hexadecimal digits".to_owned()) }
}

/// A name in which `{instance}`, `{name}` and `{version}` may stand. What it comes to is checked once it is known.
pub(super) fn parse_name_template(text: &str) -> Result<String, String> {
    let plain = text.replace("{instance}", "i-0").replace("{name}", "n").replace(VERSION, "1");
    // A name may still be too short where a tag takes its place, and not too long.
    if plain.chars().count() < 3 && plain != text {
        Ok(text.to_owned())
    } else {
        parse_name(&plain).map(|_| text.to_owned())
    }
}

/// Where the version stands in a name.
const VERSION: &str = "{version}";

impl CreateArgs {
    /// What the images are called, with their version in it; the error is a sentence.
    pub(crate) fn versioned_name(&self) -> Result<String, String> {
        versioned(&self.name, self.version.as_deref())
    }
}

/// A name with its version in it; the error is a sentence.
pub(crate) fn versioned(name: &str, version: Option<&str>) -> Result<String, String> {
    match version {
        Some(version) => Ok(name.replace(VERSION, version)),
        None if name.contains(VERSION) => Err(format!("{VERSION} stands for --version, which is missing")),
        None => Ok(name.to_owned()),
    }
}

/// What EC2 takes as the name of an image (EC2 API Reference, `CreateImage`, `Name`).
pub(crate) fn parse_name(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if !(3..=128).contains(&length) {
        return Err(format!("a name has 3 to 128 characters, and this has {length}"));
    }
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !"()[] ./-'@_".contains(*c)) {
        None => Ok(text.to_owned()),
        Some(other) => Err(format!("a name has letters, digits and ( ) [ ] space . / - ' @ _, and not {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tags_and_keys_are_held_to_what_ec2_takes() {
        assert!(parse_name("web (2026) [a] ./-'@_").is_ok());
        for name in ["ab", "web*", "wéb", "web\n1", &"x".repeat(129)] {
            assert!(parse_name(name).is_err(), "{name}");
        }
        assert_eq!(parse_tag("app=a=b"), Ok(("app".to_owned(), "a=b".to_owned())));
        assert_eq!(parse_tag("app="), Ok(("app".to_owned(), String::new())));
        for tag in ["app", "=web", "aws:x=y"] {
            assert!(parse_tag(tag).is_err(), "{tag}");
        }
        assert_eq!(parse_key("eu-west-1=alias/a=b").unwrap().1, "alias/a=b");
        assert!(parse_key("eu-west-1").is_err() && parse_key("eu-west-1=").is_err());
        assert!(
            parse_instance("i-0abc").is_ok() && parse_instance("ami-0abc").is_err() && parse_instance("i-").is_err()
        );
    }
}
