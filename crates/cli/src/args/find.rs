//! The command line of `find`.

use clap::Args;

use super::image_ref::{ImageQuery, ImageRef};

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl find 'amazon/al2023-ami-2023.*'                                  the newest of each architecture
  amictl find '099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-*:arm64' --region us-east-1,eu-west-1
  amictl find 'self/web-*' --all                                          every one, the newest first
  amictl find ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64

Wherever a command takes the id of an image, it takes `ssm:PARAMETER` and `find:OWNER/NAME[:ARCHITECTURE]` too, and uses what this command lists, in
each Region its own. `disable` and commands that delete take ids alone. An owner is an account, `self`, `amazon`, `aws-marketplace` or `aws-backup-vault`; in a name,
`*` and `?` stand for any characters and for one. Several images that are equally new, or of several architectures, are an error there, never a guess.";

/// `find`.
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// OWNER/NAME[:ARCHITECTURE], `ssm:PARAMETER` or an image's id
    #[arg(value_name = "QUERY", required = true, value_parser = parse_query)]
    pub(crate) queries: Vec<ImageRef>,
    /// Every image that fits, the newest first [default: the newest of each architecture]
    #[arg(long)]
    pub(crate) all: bool,
}

/// The prefix `find:` may be left out here.
fn parse_query(text: &str) -> Result<ImageRef, String> {
    if text.starts_with("find:") || text.starts_with("ssm:") || text.starts_with("ami-") {
        return text.parse();
    }
    text.parse::<ImageQuery>().map(ImageRef::Newest)
}
