//! The command line of `register`.

use std::path::Path;

use amictl_model::{BundlePlace, NewDevice, NewImageTraits, SnapshotId};
use clap::{Args, ValueEnum};
use compact_str::CompactString;

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

/// What the instances of the image are like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Its instances")]
pub(crate) struct TraitArgs {
    /// Their processors
    #[arg(long, value_enum, value_name = "ARCHITECTURE")]
    pub(crate) architecture: Option<ArchitectureArg>,
    /// How they boot [default: as their instance type does]
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) boot_mode: Option<BootModeArg>,
    /// Their metadata service asks for tokens (IMDSv2)
    #[arg(long)]
    pub(crate) imds_v2: bool,
    /// They have a NitroTPM
    #[arg(long)]
    pub(crate) tpm: bool,
    /// Their UEFI variables: a file, or base64 as `aws ec2 get-instance-uefi-data` prints it
    #[arg(long, value_name = "FILE|BASE64", value_parser = parse_uefi_data)]
    pub(crate) uefi_data: Option<Box<str>>,
    /// They have ENA, which is so for hvm anyway
    #[arg(long, conflicts_with = "no_ena")]
    pub(crate) ena: bool,
    /// They lack ENA
    #[arg(long)]
    pub(crate) no_ena: bool,
    /// They have the enhanced networking of old (SR-IOV)
    #[arg(long)]
    pub(crate) sriov: bool,
    /// How they are virtualized [default: hvm]
    #[arg(long, value_enum, value_name = "TYPE")]
    pub(crate) virtualization: Option<VirtualizationArg>,
    /// The kernel of a paravirtual image
    #[arg(long, value_name = "AKI", value_parser = parse_kernel, requires = "virtualization")]
    pub(crate) kernel: Option<CompactString>,
    /// The RAM disk of a paravirtual image
    #[arg(long, value_name = "ARI", value_parser = parse_ramdisk, requires = "kernel")]
    pub(crate) ramdisk: Option<CompactString>,
}

/// `--architecture`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum ArchitectureArg {
    #[value(name = "x86_64")]
    X8664,
    Arm64,
    I386,
    #[value(name = "x86_64_mac")]
    X8664Mac,
    Arm64Mac,
}

/// `--boot-mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BootModeArg {
    Uefi,
    UefiPreferred,
    LegacyBios,
}

/// `--virtualization`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VirtualizationArg {
    Hvm,
    Paravirtual,
}

/// What a value of an option is called, which is what EC2 calls it.
fn wire(value: impl ValueEnum) -> Option<CompactString> {
    value.to_possible_value().map(|value| value.get_name().into())
}

impl TraitArgs {
    /// What EC2 is told; the error is a sentence.
    pub(crate) fn traits(&self, architecture: Option<CompactString>) -> Result<NewImageTraits, String> {
        let virtualization = self.virtualization.unwrap_or(VirtualizationArg::Hvm);
        let is_hvm = virtualization == VirtualizationArg::Hvm;
        let architecture = self.architecture.and_then(wire).or(architecture);
        let is_arm = architecture.as_deref() == Some("arm64");
        // EC2 User Guide, "Requirements for NitroTPM", "UEFI Secure Boot" and "Boot modes": Graviton boots by UEFI alone.
        match self.boot_mode {
            Some(BootModeArg::LegacyBios) if is_arm => {
                return Err("--boot-mode: arm64 boots by UEFI alone".to_owned());
            }
            Some(BootModeArg::LegacyBios) | None if self.tpm && !(is_arm && self.boot_mode.is_none()) => {
                return Err("--tpm: a NitroTPM needs --boot-mode uefi".to_owned());
            }
            Some(BootModeArg::LegacyBios) if self.uefi_data.is_some() => {
                return Err("--uefi-data: legacy-bios has no UEFI variables".to_owned());
            }
            _ => {}
        }
        if is_hvm && self.kernel.is_some() {
            return Err("--kernel: only a paravirtual image has a kernel of its own".to_owned());
        }
        if !is_hvm && (self.ena || self.sriov) {
            return Err("--ena and --sriov: EC2 has both for hvm alone".to_owned());
        }
        Ok(NewImageTraits {
            architecture,
            virtualization: wire(virtualization),
            boot_mode: self.boot_mode.and_then(wire),
            tpm: self.tpm,
            imds_v2: self.imds_v2,
            uefi_data: self.uefi_data.clone(),
            ena: is_hvm && !self.no_ena,
            sriov: self.sriov,
            kernel: self.kernel.clone(),
            ramdisk: self.ramdisk.clone(),
        })
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

fn parse_device_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
    if text.len() >= 3 && text.len() <= 32 && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no device such as /dev/sdf"))
    }
}

fn parse_volume_type(text: &str) -> Result<CompactString, String> {
    // EC2 API Reference, `EbsBlockDevice`, `VolumeType`.
    const TYPES: [&str; 7] = ["gp3", "gp2", "io2", "io1", "st1", "sc1", "standard"];
    if TYPES.contains(&text) { Ok(text.into()) } else { Err(format!("`{text}` is none of {}", TYPES.join(", "))) }
}

/// `DEVICE=SNAPSHOT|GIB|ephemeralN[:TYPE]`.
fn parse_device(text: &str) -> Result<NewDevice, String> {
    let wrong = || format!("`{text}` is not DEVICE=SNAPSHOT, DEVICE=GIB or DEVICE=ephemeralN, with :TYPE where wanted");
    let (name, what) = text.split_once('=').ok_or_else(wrong)?;
    let name = parse_device_name(name)?.into();
    let (what, volume_type) = match what.split_once(':') {
        Some((what, volume_type)) => (what, Some(parse_volume_type(volume_type)?)),
        None => (what, None),
    };
    let plain = NewDevice { name, volume_type, ..NewDevice::default() };
    if let Some(number) = what.strip_prefix("ephemeral") {
        let is_number = number.len() <= 2 && number.parse::<u8>().is_ok_and(|number| number < 24);
        return if is_number && plain.volume_type.is_none() {
            Ok(NewDevice { virtual_name: Some(what.into()), ..plain })
        } else {
            Err(wrong())
        };
    }
    if what.starts_with("snap-") {
        let snapshot = what.parse().map_err(|error| format!("{error}"))?;
        return Ok(NewDevice { snapshot: Some(snapshot), ..plain });
    }
    let size = what.parse().ok().filter(|size| (1..=65_536).contains(size)).ok_or_else(wrong)?;
    Ok(NewDevice { size_gib: Some(size), ..plain })
}

fn parse_kernel(text: &str) -> Result<CompactString, String> {
    parse_part(text, "aki-")
}

fn parse_ramdisk(text: &str) -> Result<CompactString, String> {
    parse_part(text, "ari-")
}

fn parse_part(text: &str, prefix: &str) -> Result<CompactString, String> {
    let is_id = text
        .strip_prefix(prefix)
        .is_some_and(|rest| (8..=17).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_id { Ok(text.into()) } else { Err(format!("such an id is `{prefix}` and hexadecimal digits")) }
}

/// How many characters EC2 takes (service model of EC2, `ImageUefiDataRequest`).
const UEFI_DATA_MAX: usize = 64_000;

/// A file with the variables, as they are or in base64, or the base64 itself.
fn parse_uefi_data(text: &str) -> Result<Box<str>, String> {
    let path = Path::new(text);
    let said = if path.is_file() {
        let size = path.metadata().map_or(0, |metadata| metadata.len());
        if size > 2 * UEFI_DATA_MAX as u64 {
            return Err(format!("{text} has {size} bytes, and EC2 takes {UEFI_DATA_MAX} characters of base64"));
        }
        std::fs::read(path).map_err(|error| format!("{text} cannot be read: {error}"))?
    } else {
        text.as_bytes().to_vec()
    };
    let packed: Vec<u8> = said.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let encoded = match String::from_utf8(packed) {
        Ok(encoded) if is_base64(&encoded) => encoded,
        _ if path.is_file() => amictl_aws::base64(&said),
        _ => return Err("it is neither a file nor base64".to_owned()),
    };
    match encoded.len() {
        0 => Err("there is nothing in it".to_owned()),
        length if length > UEFI_DATA_MAX => {
            Err(format!("it has {length} characters of base64, and EC2 takes {UEFI_DATA_MAX}"))
        }
        _ => Ok(encoded.into()),
    }
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_snapshots_empty_volumes_or_disks_of_the_instance() {
        let device = parse_device("/dev/sdb=snap-0123456789abcdef0:gp3").unwrap();
        assert_eq!((&*device.name, device.volume_type.as_deref()), ("/dev/sdb", Some("gp3")));
        assert_eq!(device.snapshot.unwrap().as_str(), "snap-0123456789abcdef0");
        assert_eq!(parse_device("/dev/sdc=100").unwrap().size_gib, Some(100));
        assert_eq!(parse_device("/dev/sdd=ephemeral0").unwrap().virtual_name.as_deref(), Some("ephemeral0"));
        for text in [
            "/dev/sdb",
            "/dev/sdb=",
            "=snap-0123456789abcdef0",
            "/dev/sdb=snap-",
            "/dev/sdb=0",
            "/dev/sdb=70000",
            "/dev/sdb=ephemeral0:gp3",
            "/dev/sdb=ephemeral99",
            "/dev/sdb=8:gp9",
            "/dev/s b=8",
        ] {
            assert!(parse_device(text).is_err(), "{text}");
        }
    }

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

    #[test]
    fn uefi_data_is_base64_or_a_file() {
        assert_eq!(&*parse_uefi_data("QU1aTlVFRkk=").unwrap(), "QU1aTlVFRkk=");
        for text in ["", "no base64!", "QUI", "QU=I"] {
            assert!(parse_uefi_data(text).is_err(), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vars");
        let of_file = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            parse_uefi_data(file.to_str().unwrap())
        };
        assert_eq!(&*of_file(b"AMZNUEFI\xff").unwrap(), "QU1aTlVFRkn/");
        assert_eq!(&*of_file(b"QU1aTlVFRkk=\n").unwrap(), "QU1aTlVFRkk=");
        assert!(of_file(b"").is_err() && of_file(&[1; 50_000]).is_err());
    }

    #[test]
    fn what_ec2_cannot_boot_is_refused() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            traits: TraitArgs,
        }
        let traits = |line: &str| {
            let words = std::iter::once("x").chain(line.split_whitespace());
            <Line as clap::Parser>::try_parse_from(words).unwrap().traits.traits(Some("x86_64".into()))
        };
        let plain = traits("").unwrap();
        assert_eq!((plain.virtualization.as_deref(), plain.ena), (Some("hvm"), true));
        let all = traits("--architecture arm64 --boot-mode uefi --tpm --imds-v2 --no-ena --sriov").unwrap();
        assert_eq!((all.architecture.as_deref(), all.boot_mode.as_deref()), (Some("arm64"), Some("uefi")));
        assert!(all.tpm && all.imds_v2 && all.sriov && !all.ena);
        assert!(traits("--architecture arm64 --tpm").is_ok() && traits("--tpm --boot-mode uefi-preferred").is_ok());
        let old = traits("--virtualization paravirtual --kernel aki-12345678 --ramdisk ari-12345678").unwrap();
        assert!(!old.ena && old.kernel.is_some() && old.ramdisk.is_some());
        for line in [
            "--tpm",
            "--tpm --boot-mode legacy-bios",
            "--architecture arm64 --boot-mode legacy-bios",
            "--uefi-data QUJD --boot-mode legacy-bios",
            "--virtualization hvm --kernel aki-12345678",
            "--virtualization paravirtual --ena",
        ] {
            assert!(traits(line).is_err(), "{line}");
        }
    }
}
