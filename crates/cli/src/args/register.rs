//! The command line of `register`.

mod device;
mod traits;
mod uefi;

use amictl_model::{BundlePlace, NewDevice, SnapshotId};
use clap::Args;
use compact_str::CompactString;

use self::device::{parse_device, parse_device_name, parse_volume_type};
pub(crate) use self::traits::TraitArgs;
use super::life::ChangeArgs;
use super::making::{OnwardArgs, ThenArgs, parse_name_template, versioned};
use super::store::{ObjectPlace, parse_object};

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl register --snapshot snap-0123456789abcdef0 --name web-2026.11.22 --imds-v2 --wait
  amictl register --snapshot snap-0123456789abcdef0 --name web-2026.11.22 --architecture arm64 --boot-mode uefi --tpm
  amictl register --snapshot snap-0123456789abcdef0 --name db-7 --volume-type gp3 --device /dev/sdb=snap-0fedcba9876543210:gp3
  amictl register --manifest images-of-web/2026/web.manifest.xml --name web-store-2026
  amictl register --stored s3://images-of-web/ami-0123456789abcdef0.bin --name web-2026.11.22

The architecture is that of the image that the snapshot was made for, where that can be found; else it has to be said, as EC2 would take i386. The
virtualization is hvm and ENA is on unless said otherwise; everything else is only what is said. EC2 takes what an image is billed as (Windows, RHEL,
SUSE, SQL Server) from the snapshot's own metadata and may lose it: it is warned of before, and the new image is looked at afterwards (exit code 3 where
it was lost). A bundle is read first: its manifest has to be whole. --stored is `amictl restore-from-s3`. Undoing it disables the image and deletes nothing.";

/// `register`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("of").required(true))]
pub(crate) struct RegisterArgs {
    /// The snapshot of a root volume
    #[arg(long, value_name = "SNAPSHOT", group = "of")]
    pub(crate) snapshot: Option<SnapshotId>,
    /// The manifest of an instance-store image in S3
    #[arg(
        long,
        value_name = "BUCKET/PREFIX/NAME.manifest.xml",
        group = "of",
        value_parser = parse_manifest,
        conflicts_with_all = ["root_device", "volume_type", "volume_size", "iops", "throughput", "keep_root_volume"]
    )]
    pub(crate) manifest: Option<BundlePlace>,
    /// The object of an image that was stored, as for `restore-from-s3`
    #[arg(
        long,
        value_name = "s3://BUCKET/KEY",
        group = "of",
        value_parser = parse_object,
        conflicts_with_all = [
            "RootArgs", "TraitArgs", "OnwardArgs", "description", "device"
        ]
    )]
    pub(crate) stored: Option<ObjectPlace>,
    /// What the image is called; `{version}` stands for --version
    #[arg(long, value_name = "NAME", value_parser = parse_name_template)]
    pub(crate) name: String,
    /// The version that it is of, which the tag `version` keeps too
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// How it is described
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A further device; repeatable: a snapshot, the GiB of an empty volume, or `ephemeral0` and so on
    #[arg(long, value_name = "DEVICE=SNAPSHOT|GIB|ephemeralN[:TYPE]", value_parser = parse_device)]
    pub(crate) device: Vec<NewDevice>,
    #[command(flatten)]
    pub(crate) root: RootArgs,
    #[command(flatten)]
    pub(crate) traits: TraitArgs,
    #[command(flatten)]
    pub(crate) onward: OnwardArgs,
    #[command(flatten)]
    pub(crate) then: ThenArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// The root volume of an image that is registered of a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "The root volume")]
pub(crate) struct RootArgs {
    /// Its device [default: as in the image that the snapshot was made for, else /dev/xvda]
    #[arg(long, value_name = "DEVICE", value_parser = parse_device_name)]
    pub(crate) root_device: Option<String>,
    /// Its type [default: EC2's]
    #[arg(long, value_name = "TYPE", value_parser = parse_volume_type)]
    pub(crate) volume_type: Option<CompactString>,
    /// Its size in GiB [default: the snapshot's]
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) volume_size: Option<u32>,
    /// Its I/O operations a second, for gp3, io1 and io2
    #[arg(long, value_name = "N", requires = "volume_type")]
    pub(crate) iops: Option<u32>,
    /// Its throughput in MiB/s, for gp3
    #[arg(long, value_name = "N", requires = "volume_type")]
    pub(crate) throughput: Option<u32>,
    /// It outlives its instance
    #[arg(long)]
    pub(crate) keep_root_volume: bool,
}

impl RootArgs {
    /// The root device, by default this one.
    pub(crate) fn device(&self, default: &str) -> NewDevice {
        NewDevice {
            name: self.root_device.as_deref().unwrap_or(default).into(),
            size_gib: self.volume_size,
            volume_type: self.volume_type.clone(),
            iops: self.iops,
            throughput: self.throughput,
            outlives: self.keep_root_volume,
            ..NewDevice::default()
        }
    }
}

impl RegisterArgs {
    /// What the image is called, with its version in it; the error is a sentence.
    pub(crate) fn versioned_name(&self) -> Result<String, String> {
        versioned(&self.name, self.version.as_deref())
    }
}

/// A manifest, with or without `s3://` before it.
fn parse_manifest(text: &str) -> Result<BundlePlace, String> {
    let rest = text.strip_prefix("s3://").unwrap_or(text);
    let place = rest.split_once('/').and_then(|(bucket, key)| BundlePlace::of_manifest(bucket, key));
    place
        .filter(|place| place.bucket.len() >= 3)
        .ok_or_else(|| format!("`{text}` is no manifest: BUCKET/PREFIX/NAME.manifest.xml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_places_of_bundles() {
        for text in ["images/web/a.manifest.xml", "s3://images/web/a.manifest.xml"] {
            let place = parse_manifest(text).unwrap();
            assert_eq!((place.bucket.as_str(), place.key.as_str()), ("images", "web/a.manifest.xml"), "{text}");
        }
        for text in ["images", "images/web/a.xml", "images/.manifest.xml", "/a.manifest.xml", ""] {
            assert!(parse_manifest(text).is_err(), "{text}");
        }
    }
}
