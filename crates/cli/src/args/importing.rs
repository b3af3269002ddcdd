//! The command line of `import`.

use std::path::PathBuf;
use std::time::Duration;

use amictl_plan::DiskFormat;
use clap::{Args, ValueEnum};

use super::life::ChangeArgs;
use super::making::parse_tag;
use super::parse_duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl import web.raw --region eu-west-1
  amictl import web.img --region eu-west-1 --size-gib 20 --tag app=web --encrypted

A raw disk becomes an EBS snapshot, block by block, several at once; blocks of zeros are not sent. The snapshot says in its tag amictl:content what was
imported: the same disk is not sent a second time. After an interruption `amictl resume` sends what is missing; EBS waits 24 hours for it. Undoing deletes
nothing.";

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file with the disk
    #[arg(value_name = "DISK")]
    pub(crate) disk: PathBuf,
    /// What the file holds [default: as its name ends and its bytes say]
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatArg>,
    /// The size of the snapshot's volumes in GiB [default: the disk's, rounded up]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) size_gib: Option<u32>,
    /// Encrypt the snapshot, with the account's default key
    #[arg(long)]
    pub(crate) encrypted: bool,
    /// Encrypt it with this key
    #[arg(long, value_name = "ARN", value_parser = parse_key_arn)]
    pub(crate) kms_key: Option<String>,
    /// How it is described [default: the name of the file]
    #[arg(long, value_name = "TEXT", value_parser = parse_description)]
    pub(crate) description: Option<String>,
    /// A tag of the snapshot; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// How long to wait at most until it is completed, once all is sent
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "2h")]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// The bytes of the disk
    Raw,
    /// VMware's format
    Vmdk,
    /// Microsoft's older format
    Vhd,
    /// Microsoft's newer format
    Vhdx,
}

impl From<FormatArg> for DiskFormat {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Raw => Self::Raw,
            FormatArg::Vmdk => Self::Vmdk,
            FormatArg::Vhd => Self::Vhd,
            FormatArg::Vhdx => Self::Vhdx,
        }
    }
}

/// EBS API Reference, `StartSnapshot`, `KmsKeyArn`: other than EC2, the EBS direct APIs take no ids and no aliases.
fn parse_key_arn(text: &str) -> Result<String, String> {
    let is_arn = text.starts_with("arn:") && text.contains(":kms:") && text.contains(":key/");
    if is_arn { Ok(text.to_owned()) } else { Err("EBS takes the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID".to_owned()) }
}

/// EBS API Reference, `StartSnapshot`, `Description`.
fn parse_description(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0..=255 => Ok(text.to_owned()),
        many => Err(format!("a description has 255 characters at most, and this has {many}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_an_arn() {
        assert!(parse_key_arn("arn:aws:kms:us-east-1:123456789012:key/0a1b").is_ok());
        for text in ["alias/images", "0a1b", "arn:aws:kms:us-east-1:123456789012:alias/images", "arn:aws:s3:::b"] {
            assert!(parse_key_arn(text).is_err(), "{text}");
        }
        assert!(parse_description(&"x".repeat(255)).is_ok() && parse_description(&"x".repeat(256)).is_err());
    }
}
