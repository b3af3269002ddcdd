//! The command line of `list`.

use amictl_model::{AccountId, ImageId, ImageState, Moment};
use amictl_policy::{Duration, Glob};
use amictl_report::{ImageFilter, ImageOrder, StateFilter, TagFilter};
use clap::{Args, ValueEnum};

use super::InventoryArgs;

/// What `list --help` ends with.
pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl list --name 'web-*' --older-than 90d --sort age
  amictl list --unused --sort size --limit 20
  amictl list --tag team=payments --tag env --image-state available,disabled
  amictl list --verdict retire,blocked -f amictl.yaml --output csv
  amictl list --family web --region eu-west-1,us-east-1 --output markdown

A value may be given several times or separated by commas: any of them will do. Of several --tag, all must hold. Different filters must all hold.

--unused lists images of which no use was found in places that were all read; an image whose evidence is not whole is counted below the list, not
listed: unknown is not unused. --verdict goes further: it lists what the policy would keep or retire, and what is blocked.";

/// `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) from: InventoryArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Order of the list
    #[arg(long, value_enum, value_name = "KEY")]
    pub(crate) sort: Option<SortKey>,
    /// The other way round
    #[arg(long, requires = "sort")]
    pub(crate) reverse: bool,
    /// List so many images at most
    #[arg(long, value_name = "N", visible_alias = "max-items")]
    pub(crate) limit: Option<usize>,
    /// Policy file for verdicts and families [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<std::path::PathBuf>,
    /// List as of this time
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
}

/// Which images.
#[derive(Debug, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Whole names, as globs
    #[arg(long, value_name = "GLOB", value_delimiter = ',', value_parser = parse_glob)]
    name: Vec<Glob>,
    /// Ids
    #[arg(long, value_name = "AMI", value_delimiter = ',', visible_alias = "image-ids")]
    id: Vec<ImageId>,
    /// Accounts that own them
    #[arg(long, value_name = "ID", value_delimiter = ',', visible_alias = "owners")]
    owner: Vec<AccountId>,
    /// States as AWS names them, or `deprecated`
    // `--state` is the state folder, for every command.
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = parse_state)]
    image_state: Vec<StateFilter>,
    /// Families of the policy, as globs
    #[arg(long, value_name = "GLOB", value_delimiter = ',', value_parser = parse_glob)]
    family: Vec<Glob>,
    /// A tag, with a glob for its value if it is to have a certain one
    #[arg(long, value_name = "KEY[=GLOB]", value_parser = parse_tag)]
    tag: Vec<TagFilter>,
    /// Created at least so long ago, such as `90d`
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    older_than: Option<Duration>,
    /// Neither launched nor created within this time, as far as AWS tells (24 h late)
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    not_launched_for: Option<Duration>,
    /// No use was found, and every place was read
    #[arg(long, conflicts_with = "used")]
    unused: bool,
    /// A use was found
    #[arg(long)]
    used: bool,
    /// Public
    #[arg(long)]
    public: bool,
    /// Public, or known to be shared
    #[arg(long)]
    shared: bool,
    /// Past their deprecation time
    #[arg(long)]
    deprecated: bool,
    /// What the policy says of them
    #[arg(long, value_enum, value_name = "VERDICT", value_delimiter = ',')]
    verdict: Vec<VerdictArg>,
}

impl FilterArgs {
    /// Whether the filter is about verdicts or families, which takes a policy.
    pub(crate) fn needs_verdicts(&self) -> bool {
        !self.family.is_empty() || !self.verdict.is_empty()
    }

    /// The filter.
    pub(crate) fn filter(&self) -> ImageFilter {
        let used = match (self.used, self.unused) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        ImageFilter {
            names: self.name.clone(),
            ids: self.id.clone(),
            accounts: self.owner.clone(),
            states: self.image_state.clone(),
            families: self.family.clone(),
            decisions: self.verdict.iter().map(|verdict| verdict.decision()).collect(),
            tags: self.tag.clone(),
            older_than: self.older_than,
            not_launched_for: self.not_launched_for,
            used,
            public: self.public,
            shared: self.shared,
            deprecated: self.deprecated,
        }
    }
}

/// `--sort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// By name
    Name,
    /// The oldest first
    Age,
    /// The largest first
    Size,
    /// Not launched for the longest time first
    Launched,
}

impl SortKey {
    /// The order.
    pub(crate) fn order(self) -> ImageOrder {
        match self {
            Self::Name => ImageOrder::Name,
            Self::Age => ImageOrder::Age,
            Self::Size => ImageOrder::Size,
            Self::Launched => ImageOrder::Launched,
        }
    }
}

/// `--verdict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictArg {
    /// They stay
    Keep,
    /// They would go
    Retire,
    /// They would go, but something that might protect them could not be read
    Blocked,
}

impl VerdictArg {
    fn decision(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Retire => "retire",
            Self::Blocked => "blocked",
        }
    }
}

fn parse_state(text: &str) -> Result<StateFilter, String> {
    match (text, ImageState::from_wire(text)) {
        ("deprecated", _) => Ok(StateFilter::Deprecated),
        (_, ImageState::Unknown) => {
            Err("not one of available, disabled, deprecated, pending, failed, error, invalid, transient, deregistered"
                .to_owned())
        }
        (_, state) => Ok(StateFilter::Of(state)),
    }
}

fn parse_glob(text: &str) -> Result<Glob, String> {
    Glob::parse(text)
}

fn parse_tag(text: &str) -> Result<TagFilter, String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(Glob::parse(value)?)),
        None => (text, None),
    };
    if key.is_empty() {
        Err("a tag needs a key, such as `env=prod`".to_owned())
    } else {
        Ok(TagFilter { key: key.to_owned(), value })
    }
}

fn parse_span(text: &str) -> Result<Duration, String> {
    Duration::parse(text).ok_or_else(|| "not a time such as `12h`, `90d`, `2w`, `6mo` or `1y`".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    /// As `amictl list` reads it, beside the options that every command has.
    fn parse(words: &[&str]) -> Result<ListArgs, clap::Error> {
        let line = Cli::try_parse_from(["amictl", "list"].iter().chain(words))?;
        match line.command {
            Command::List(list) => Ok(*list),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn filters_are_read_as_users_of_the_aws_cli_write_them() {
        let ids = ["--image-ids", "ami-0123456789abcdef0,ami-12345678", "--owners", "111122223333"];
        let filter = parse(&ids).unwrap().filter.filter();
        assert_eq!((filter.ids.len(), filter.accounts.len()), (2, 1));
        let filter =
            parse(&["--tag", "a=b=c*", "--tag", "d", "--image-state", "available,disabled"]).unwrap().filter.filter();
        assert_eq!(filter.tags.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["a", "d"]);
        assert!(filter.tags[0].value.as_ref().unwrap().is_match("b=cd") && filter.tags[1].value.is_none());
        assert_eq!(filter.states, [StateFilter::Of(ImageState::Available), StateFilter::Of(ImageState::Disabled)]);
    }

    #[test]
    fn deprecated_is_a_state_to_people() {
        assert_eq!(parse(&["--image-state", "deprecated"]).unwrap().filter.filter().states, [StateFilter::Deprecated]);
    }

    #[test]
    fn used_and_unused_exclude_each_other_and_nonsense_is_refused() {
        assert_eq!(parse(&["--unused"]).unwrap().filter.filter().used, Some(false));
        assert_eq!(parse(&["--used"]).unwrap().filter.filter().used, Some(true));
        for words in [
            &["--used", "--unused"][..],
            &["--image-state", "gone"],
            &["--tag", "=x"],
            &["--older-than", "90"],
            &["--name", "a]"],
            &["--reverse"],
            &["--id", "snap-12345678"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
