//! The command lines of `bundles`.

use std::path::PathBuf;
use std::time::Duration;

use amictl_collect::bundles::BundleStanding;
use amictl_collect::files::BucketPath;
use amictl_model::ImageId;
use clap::{Args, Subcommand, ValueEnum};

use super::life::ChangeArgs;
use super::parse_duration;

const LIST_EXAMPLES: &str = "\
Examples:
  amictl bundles list --region all
  amictl bundles list s3://old-images --standing orphan,broken
  amictl bundles list s3://old-images/web/ --all-versions --output json

The bundles of all instance-store images of the accounts and Regions, and those in the buckets that are named: a manifest that no image is made of, or
parts without a manifest, are left over. Each manifest is read, and its parts are looked for.";

const DELETE_EXAMPLES: &str = "\
Examples:
  amictl bundles delete ami-0123456789abcdef0 --dry-run
  amictl bundles delete ami-0123456789abcdef0 --all-versions
  amictl bundles delete -b old-images/web -p image
  amictl bundles delete --orphans s3://old-images --delete-bucket old-images --confirm-delete-bucket old-images

An image is looked at as by `plan`, disabled, left alone for --settle, looked at once more, and deregistered; then its parts go, and its manifest last. A
bundle stays while any image that can be seen is made of it. -b and -p name a bundle as `ec2-delete-bundle` does. Objects of S3 do not come back.";

/// `bundles`.
#[derive(Debug, Args)]
pub(crate) struct BundlesArgs {
    #[command(subcommand)]
    pub(crate) command: BundlesCommand,
}

/// What to do with bundles.
#[derive(Debug, Subcommand)]
pub(crate) enum BundlesCommand {
    /// List bundles of instance-store images: their parts, size and cost, and those that no image is made of
    #[command(after_help = LIST_EXAMPLES)]
    List(BundlesListArgs),
    /// Deregister instance-store images and delete their bundles, or delete bundles that no image is made of
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(Box<BundlesDeleteArgs>),
}

/// `bundles list`.
#[derive(Debug, Args)]
pub(crate) struct BundlesListArgs {
    /// Buckets to look through as well
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(crate) buckets: Vec<BucketPath>,
    /// Only those that are this
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) standing: Vec<BundleStandingArg>,
    /// Old versions of objects count too
    #[arg(long)]
    pub(crate) all_versions: bool,
}

/// `--standing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum BundleStandingArg {
    /// No image is made of it
    Orphan,
    /// No image is known to be made of it, but something that would tell could not be read
    Unknown,
    /// An image is made of it, and it is not whole
    Broken,
    /// An image is made of it
    Used,
}

impl BundleStandingArg {
    pub(crate) fn standing(self) -> BundleStanding {
        match self {
            Self::Orphan => BundleStanding::Orphan,
            Self::Unknown => BundleStanding::Unknown,
            Self::Broken => BundleStanding::Broken,
            Self::Used => BundleStanding::Used,
        }
    }
}

/// `bundles delete`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct BundlesDeleteArgs {
    /// Instance-store images
    #[arg(value_name = "AMI", group = "what")]
    pub(crate) images: Vec<ImageId>,
    /// Where a bundle is that no image is made of
    #[arg(short, long, value_name = "BUCKET[/PREFIX]", group = "what", requires = "prefix", value_parser = parse_folder)]
    pub(crate) bucket: Option<BucketPath>,
    /// What its objects are called: NAME.manifest.xml and NAME.part.N
    #[arg(short, long, value_name = "NAME", requires = "bucket", value_parser = parse_bundle_name)]
    pub(crate) prefix: Option<String>,
    /// Every bundle below this that no image is made of; repeatable
    #[arg(long, value_name = "s3://BUCKET/PREFIX", group = "what")]
    pub(crate) orphans: Vec<BucketPath>,
    /// Only deregister: the bundles stay
    #[arg(long, requires = "images")]
    pub(crate) keep_bundle: bool,
    /// Every version of every object, and delete markers
    #[arg(long)]
    pub(crate) all_versions: bool,
    /// Delete this bucket too, once nothing is in it
    #[arg(long, value_name = "BUCKET", requires = "confirm_delete_bucket", conflicts_with = "keep_bundle")]
    pub(crate) delete_bucket: Option<String>,
    /// The same bucket once more
    #[arg(long, value_name = "BUCKET", requires = "delete_bucket")]
    pub(crate) confirm_delete_bucket: Option<String>,
    /// How long a disabled image waits before references are read again
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s")]
    pub(crate) settle: Duration,
    /// Policy file, for what it protects and what counts as a use [default: amictl.yaml if there is one, else the built-in policy]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// A bucket and a folder in it, as `ec2-delete-bundle -b` takes them.
fn parse_folder(text: &str) -> Result<BucketPath, String> {
    let text = text.strip_prefix("s3://").unwrap_or(text);
    format!("s3://{text}").parse()
}

fn parse_bundle_name(text: &str) -> Result<String, String> {
    match text {
        "" => Err("a bundle needs a name".to_owned()),
        _ if text.contains('/') => Err("folders belong to -b BUCKET/FOLDER".to_owned()),
        _ if text.ends_with(".manifest.xml") => Err("the name alone, without .manifest.xml".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_named_as_ec2_delete_bundle_names_them() {
        let path = parse_folder("old-images/web/2014").unwrap();
        assert_eq!((path.bucket.as_str(), path.prefix.as_str()), ("old-images", "web/2014"));
        assert_eq!(parse_folder("s3://old-images").unwrap().prefix, "");
        assert!(parse_folder("x").is_err());
        assert!(parse_bundle_name("image").is_ok());
        for name in ["", "web/image", "image.manifest.xml"] {
            assert!(parse_bundle_name(name).is_err(), "{name}");
        }
    }
}
