//! The command lines of the life cycle: what is done to images that were named.

use std::path::PathBuf;
use std::time::Duration;

use amictl_model::{AccountId, Grantee, Moment};
use clap::Args;

use super::image_ref::ImageRef;
use super::parse_duration;

/// The account by which AWS Marketplace takes images in (AWS Marketplace Seller Guide, "AMI-based product requirements").
pub(crate) const MARKETPLACE: &str = "679593333241";

pub(crate) const DEPRECATE_EXAMPLES: &str = "\
Examples:
  amictl deprecate ami-0123456789abcdef0 --in 30d
  amictl deprecate --from-file old.txt --at 2027-01-01T00:00:00Z --region all --dry-run
  amictl undeprecate ami-0123456789abcdef0

A deprecated image can still be launched by its id; others do not see it listed any more. EC2 counts in whole minutes, up to ten years ahead, and for
public images up to two years after they were made. `--in` lets an earlier time that an image has already be, so that running it again changes nothing.";

pub(crate) const DISABLE_EXAMPLES: &str = "\
Examples:
  amictl disable ami-0123456789abcdef0 --yes
  amictl undo RUN --yes                          enables it again, with the launch permissions that it had
  amictl enable ami-0123456789abcdef0            enables it, shared with nobody

Disabling stops launches of the image by everybody and takes all its launch permissions away; instances that run are not touched. The permissions
are kept in the journal of the run, and `undo` gives them back; `enable` does not.";

pub(crate) const PROTECT_EXAMPLES: &str = "\
Examples:
  amictl protect ami-0123456789abcdef0 --cooldown
  amictl unprotect ami-0123456789abcdef0

A protected image cannot be deregistered. With a cooldown it stays protected for 24 hours after `unprotect`.";

pub(crate) const SHARE_EXAMPLES: &str = "\
Examples:
  amictl share ami-0123456789abcdef0 --account 111122223333,444455556666 --snapshots
  amictl share ami-0123456789abcdef0 --organization-arn arn:aws:organizations::123456789012:organization/o-abcdefghij
  amictl share ami-0123456789abcdef0 --account 111122223333 --exact       with this account and nobody else
  amictl share ami-0123456789abcdef0 --public --yes
  amictl unshare ami-0123456789abcdef0 --account 444455556666

Whoever is let in can launch the image; its encrypted snapshots also need the key, whose policy is not changed here. --public looks first whether the
Region blocks sharing with everybody.";

/// The images that a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// The images: ids, `ssm:PARAMETER` or `find:OWNER/NAME[:ARCHITECTURE]`
    #[arg(value_name = "AMI", required_unless_present = "from_file")]
    pub(crate) images: Vec<ImageRef>,
    /// A file of images: the first word of each line that is neither empty nor begins with #
    #[arg(long, value_name = "FILE")]
    pub(crate) from_file: Option<PathBuf>,
}

/// How a command goes about its changes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ChangeArgs {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the plan to this file, for `amictl apply`, and do nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Refuse unless the credentials are of this account
    #[arg(long, value_name = "ID")]
    pub(crate) expect_account: Option<AccountId>,
}

/// `undeprecate`, `disable`, `enable`, `unprotect`.
#[derive(Debug, Args)]
pub(crate) struct PlainArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `deprecate`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("when").required(true))]
pub(crate) struct DeprecateArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// From when on
    #[arg(long, value_name = "TIME", group = "when")]
    pub(crate) at: Option<Moment>,
    /// In how long, such as `30d`; an earlier time that the image has already stays
    #[arg(long = "in", value_name = "TIME", group = "when", value_parser = parse_duration)]
    pub(crate) after: Option<Duration>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `protect`.
#[derive(Debug, Args)]
pub(crate) struct ProtectArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// The protection holds for 24 hours more after it was taken away
    #[arg(long)]
    pub(crate) cooldown: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Whom images are shared with.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With whom")]
pub(crate) struct GranteeArgs {
    /// Accounts, separated by commas
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) account: Vec<AccountId>,
    /// Organizations by ARN, separated by commas
    #[arg(long, value_name = "ARN,…", value_delimiter = ',', value_parser = parse_organization)]
    pub(crate) organization_arn: Vec<Grantee>,
    /// Organizational units by ARN, separated by commas
    #[arg(long, value_name = "ARN,…", value_delimiter = ',', value_parser = parse_unit)]
    pub(crate) ou_arn: Vec<Grantee>,
    /// Everybody
    #[arg(long)]
    pub(crate) public: bool,
    /// AWS Marketplace, which takes images in by an account of its own
    #[arg(long)]
    pub(crate) marketplace: bool,
}

impl GranteeArgs {
    /// All of them, each once.
    pub(crate) fn grantees(&self) -> Vec<Grantee> {
        let accounts = self.account.iter().copied().map(Grantee::Account);
        let marketplace = self.marketplace.then(|| MARKETPLACE.parse().ok().map(Grantee::Account)).flatten();
        let everybody = self.public.then(|| Grantee::Group("all".into()));
        let arns = self.organization_arn.iter().chain(&self.ou_arn).cloned();
        let mut grantees: Vec<Grantee> = accounts.chain(marketplace).chain(everybody).chain(arns).collect();
        grantees.sort();
        grantees.dedup();
        grantees
    }
}

/// `share`.
#[derive(Debug, Args)]
pub(crate) struct ShareArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) with: GranteeArgs,
    /// Their snapshots too: volumes can be made of them
    #[arg(long)]
    pub(crate) snapshots: bool,
    /// With nobody else: whoever is not named is not let in any more
    #[arg(long)]
    pub(crate) exact: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `unshare`.
#[derive(Debug, Args)]
pub(crate) struct UnshareArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) with: GranteeArgs,
    /// Their snapshots too
    #[arg(long)]
    pub(crate) snapshots: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

fn parse_organization(text: &str) -> Result<Grantee, String> {
    match parse_grantee(text)? {
        grantee @ Grantee::Organization(_) => Ok(grantee),
        _ => {
            Err("an organization's ARN is like arn:aws:organizations::123456789012:organization/o-abcdefghij"
                .to_owned())
        }
    }
}

fn parse_unit(text: &str) -> Result<Grantee, String> {
    match parse_grantee(text)? {
        grantee @ Grantee::OrganizationalUnit(_) => Ok(grantee),
        _ => {
            Err("a unit's ARN is like arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-ab12-abcdefgh".to_owned())
        }
    }
}

/// An account, an organization or a unit by ARN, `public` or `marketplace`.
pub(crate) fn parse_grantee(text: &str) -> Result<Grantee, String> {
    if let Some(resource) = text.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(4)) {
        let is_organizations = text.split(':').nth(2) == Some("organizations");
        return match resource.split('/').next() {
            Some("organization") if is_organizations => Ok(Grantee::Organization(text.into())),
            Some("ou") if is_organizations => Ok(Grantee::OrganizationalUnit(text.into())),
            _ => Err("the ARN is neither of an organization nor of an organizational unit".to_owned()),
        };
    }
    match text {
        "public" | "all" => Ok(Grantee::Group("all".into())),
        "marketplace" => MARKETPLACE.parse().map(Grantee::Account).map_err(|error| format!("{error}")),
        account => account.parse().map(Grantee::Account).map_err(|error| {
            format!("{error}; also the ARN of an organization or unit, `public` and `marketplace` are taken")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grantees_are_read_as_aws_writes_them_and_others_are_refused() {
        let account = |id: &str| Grantee::Account(id.parse().unwrap());
        let organization = "arn:aws:organizations::123456789012:organization/o-abcdefghij";
        let unit = "arn:aws-cn:organizations::123456789012:ou/o-abcdefghij/ou-ab12-abcdefgh";
        for (text, expected) in [
            ("111122223333", account("111122223333")),
            ("marketplace", account(MARKETPLACE)),
            ("public", Grantee::Group("all".into())),
            (organization, Grantee::Organization(organization.into())),
            (unit, Grantee::OrganizationalUnit(unit.into())),
        ] {
            assert_eq!(parse_grantee(text), Ok(expected), "{text}");
        }
        for text in ["", "1111", "o-abcdefghij", "arn:aws:iam::123456789012:role/x", "arn:aws:s3:::ou/x", "arn:"] {
            assert!(parse_grantee(text).is_err(), "{text}");
        }
        assert!(parse_organization(unit).is_err() && parse_unit(organization).is_err());
    }
}
