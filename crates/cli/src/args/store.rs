//! The command lines of `store` and `restore-from-s3`.

use std::time::Duration;

use clap::Args;

use super::life::{ChangeArgs, TargetArgs};
use super::making::{ThenArgs, parse_name};
use super::parse_duration;

pub(crate) const STORE_EXAMPLES: &str = "\
Examples:
  amictl store ami-0123456789abcdef0 --bucket images-of-web --wait
  aws s3 cp s3://images-of-web/ami-0123456789abcdef0.bin - --profile web | \\
    aws s3 cp - s3://images-of-web-cn/ami-0123456789abcdef0.bin --profile web-cn
  amictl restore-from-s3 s3://images-of-web-cn/ami-0123456789abcdef0.bin --name web-2026.11.22 --profile web-cn --wait

That is how an image comes into another partition. EC2 stores an EBS-backed image as the object AMI.bin in a bucket of its Region; one that is stored, or
is being stored, is not stored again. A name serves one image of an account and Region: what was restored by it is not restored again. Undoing a restore
disables the new image; stored objects stay.";

/// `store`.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// The bucket, in the Region of the images
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: String,
    /// Wait until they are stored
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long to wait for an image at most
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "6h")]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `restore-from-s3`.
#[derive(Debug, Args)]
pub(crate) struct RestoreFromS3Args {
    /// The object of a stored image
    #[arg(value_name = "s3://BUCKET/KEY", value_parser = parse_object)]
    pub(crate) object: ObjectPlace,
    /// What the image is called
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) then: ThenArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// An object of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectPlace {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

pub(super) fn parse_object(text: &str) -> Result<ObjectPlace, String> {
    let rest = text.strip_prefix("s3://").ok_or_else(|| format!("`{text}` does not begin with s3://"))?;
    match rest.split_once('/') {
        Some((bucket, key)) if bucket.len() >= 3 && !key.is_empty() && !key.ends_with('/') => {
            Ok(ObjectPlace { bucket: bucket.to_owned(), key: key.to_owned() })
        }
        _ => Err(format!("`{text}` names no object: s3://BUCKET/KEY")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read() {
        let place = parse_object("s3://images/from/web/ami-1.bin").unwrap();
        assert_eq!((place.bucket.as_str(), place.key.as_str()), ("images", "from/web/ami-1.bin"));
        for text in ["images/ami-1.bin", "s3://images", "s3://images/", "s3:///ami-1.bin", "s3://images/folder/"] {
            assert!(parse_object(text).is_err(), "{text}");
        }
    }
}
