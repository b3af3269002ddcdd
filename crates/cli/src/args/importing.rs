//! The command line of `import`.

use std::path::PathBuf;

use amictl_model::Region;
use amictl_plan::DiskFormat;
use clap::{Args, ValueEnum};

use super::life::ChangeArgs;
use super::making::{OnwardArgs, ThenArgs, parse_key, parse_name_template};
use super::register::{RootArgs, TraitArgs};

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl import web.raw --region eu-west-1
  amictl import web.img --region eu-west-1 --size-gib 20 --tag app=web --encrypted
  amictl import web.raw --region eu-west-1 --name web-2026.11.22 --architecture x86_64 --boot-mode uefi --imds-v2 --copy-to ap-south-1
  amictl import web.vmdk --region eu-west-1 --bucket images-of-web/imports

A raw disk becomes an EBS snapshot, block by block, several at once; blocks of zeros are not sent. Any other goes by way of S3: it becomes an object of
--bucket, in the same Region, which EC2 reads as the role vmimport. The snapshot says in its tag amictl:content what was imported: the same disk is not
sent a second time. With --name an image is registered of the snapshot. After an interruption `amictl resume` sends what is missing; EBS waits 24 hours
for it. Undoing deletes nothing: it disables an image, and says which snapshot stays.";

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file with the disk
    #[arg(value_name = "DISK")]
    pub(crate) disk: PathBuf,
    /// What the file holds [default: as its name ends and its bytes say]
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatArg>,
    /// How it gets to AWS [default: ebs for a raw disk, s3 for any other]
    #[arg(long, value_enum)]
    pub(crate) via: Option<ViaArg>,
    /// The bucket for a disk that goes by way of S3, and how its key begins
    #[arg(long, value_name = "BUCKET[/PREFIX]", value_parser = parse_bucket)]
    pub(crate) bucket: Option<BucketPlace>,
    /// The size of the snapshot's volumes in GiB [default: the disk's, rounded up]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) size_gib: Option<u32>,
    /// Encrypt the snapshot, with the account's default key
    #[arg(long)]
    pub(crate) encrypted: bool,
    /// Encrypt it with this key: an ARN, or by way of S3 an id or an alias too
    #[arg(long, value_name = "KEY")]
    pub(crate) kms_key: Option<String>,
    /// How the snapshot and the image are described [default: by the name of the file]
    #[arg(long, value_name = "TEXT", value_parser = parse_description)]
    pub(crate) description: Option<String>,
    /// Register an image of the snapshot, which is called so; `{version}` stands for --version
    #[arg(long, value_name = "NAME", value_parser = parse_name_template)]
    pub(crate) name: Option<String>,
    /// The version that the image is of, which the tag `version` keeps too
    #[arg(long, value_name = "VERSION", requires = "name")]
    pub(crate) version: Option<String>,
    #[command(flatten)]
    pub(crate) root: RootArgs,
    #[command(flatten)]
    pub(crate) traits: TraitArgs,
    /// Regions to copy the image to, separated by commas
    #[arg(long, value_name = "R,…", value_delimiter = ',', requires = "name")]
    pub(crate) copy_to: Vec<Region>,
    /// The key to encrypt the copy in a Region with; repeatable
    #[arg(long, value_name = "R=KEY", value_parser = parse_key, requires = "copy_to")]
    pub(crate) copy_kms_key: Vec<(Region, String)>,
    #[command(flatten)]
    pub(crate) then: ThenArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

impl ImportArgs {
    /// What was said of an image.
    pub(crate) fn says_of_image(&self) -> bool {
        let Self { then, .. } = self;
        self.root != RootArgs::default()
            || self.traits != TraitArgs::default()
            || !then.share_with.is_empty()
            || then.deprecate_after.is_some()
            || then.protect
    }

    /// Where the image goes on to.
    pub(crate) fn onward(&self) -> OnwardArgs {
        OnwardArgs { copy_to: self.copy_to.clone(), kms_key: self.copy_kms_key.clone(), complete_within: None }
    }
}

/// `--via`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViaArg {
    /// Block by block, by the EBS direct APIs
    Ebs,
    /// As an object, which EC2 imports
    S3,
}

/// A bucket, and how a key in it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketPlace {
    pub(crate) bucket: String,
    /// Empty, or ending with `/`.
    pub(crate) prefix: String,
}

fn parse_bucket(text: &str) -> Result<BucketPlace, String> {
    let text = text.strip_prefix("s3://").unwrap_or(text);
    let (bucket, prefix) = text.split_once('/').unwrap_or((text, ""));
    let is_name =
        bucket.len() >= 3 && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !is_name || prefix.len() > 900 {
        return Err(format!("`{text}` is not BUCKET or BUCKET/PREFIX"));
    }
    let prefix = prefix.trim_end_matches('/');
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    Ok(BucketPlace { bucket: bucket.to_owned(), prefix })
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
pub(crate) fn is_key_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.contains(":kms:") && text.contains(":key/")
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
        assert!(is_key_arn("arn:aws:kms:us-east-1:123456789012:key/0a1b"));
        for text in ["alias/images", "0a1b", "arn:aws:kms:us-east-1:123456789012:alias/images", "arn:aws:s3:::b"] {
            assert!(!is_key_arn(text), "{text}");
        }
        assert!(parse_description(&"x".repeat(255)).is_ok() && parse_description(&"x".repeat(256)).is_err());
    }

    #[test]
    fn a_bucket_may_have_a_prefix() {
        let place = |text: &str| parse_bucket(text).map(|place| (place.bucket, place.prefix));
        let of = |bucket: &str, prefix: &str| Ok((bucket.to_owned(), prefix.to_owned()));
        assert_eq!(place("disks"), of("disks", ""));
        assert_eq!(place("s3://disks/of/web/"), of("disks", "of/web/"));
        for text in ["", "a", "s3://", "disks of/web", "/web"] {
            assert!(parse_bucket(text).is_err(), "{text}");
        }
    }
}
