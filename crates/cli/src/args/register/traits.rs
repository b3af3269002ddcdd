//! What is said of the instances of an image that is registered.

use amictl_model::NewImageTraits;
use clap::{Args, ValueEnum};
use compact_str::CompactString;

use super::uefi::parse_uefi_data;

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
fn wire<V: ValueEnum>(value: &V) -> Option<CompactString> {
    value.to_possible_value().map(|value| value.get_name().into())
}

impl TraitArgs {
    /// What EC2 is told; the error is a sentence.
    pub(crate) fn traits(&self, architecture: Option<CompactString>) -> Result<NewImageTraits, String> {
        let virtualization = self.virtualization.unwrap_or(VirtualizationArg::Hvm);
        let is_hvm = virtualization == VirtualizationArg::Hvm;
        let architecture = self.architecture.as_ref().and_then(wire).or(architecture);
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
            virtualization: wire(&virtualization),
            boot_mode: self.boot_mode.as_ref().and_then(wire),
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

#[cfg(test)]
mod tests {
    use super::*;

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
