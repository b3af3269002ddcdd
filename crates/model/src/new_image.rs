//! What is said of an image that is registered: what its instances are like, and which volumes they have.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::SnapshotId;
use crate::image::is_false;

/// What EC2 cannot see in a snapshot or a bundle (members of `RegisterImage`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewImageTraits {
    /// `Architecture`, such as `x86_64`; `None` for what the manifest of a bundle says. For a snapshot EC2 would take `i386`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<CompactString>,
    /// `VirtualizationType`; `None` for EC2's default, which is `paravirtual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtualization: Option<CompactString>,
    /// `BootMode`; `None` for what the instance type boots by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<CompactString>,
    /// `TpmSupport=v2.0`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tpm: bool,
    /// `ImdsSupport=v2.0`: the metadata service of its instances asks for tokens.
    #[serde(default, skip_serializing_if = "is_false")]
    pub imds_v2: bool,
    /// `UefiData`, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uefi_data: Option<Box<str>>,
    /// `EnaSupport`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ena: bool,
    /// `SriovNetSupport=simple`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sriov: bool,
    /// `KernelId`, of a paravirtual image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<CompactString>,
    /// `RamdiskId`, of a paravirtual image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramdisk: Option<CompactString>,
}

/// An entry of `BlockDeviceMappings` of an image that is registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDevice {
    /// `DeviceName`, such as `/dev/xvda`.
    pub name: Box<str>,
    /// `VirtualName`, such as `ephemeral0`: a disk of the instance itself, of which nothing else can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_name: Option<CompactString>,
    /// `Ebs.SnapshotId`; `None` for an empty volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// `Ebs.VolumeSize` in GiB; `None` for the snapshot's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_gib: Option<u32>,
    /// `Ebs.VolumeType`, such as `gp3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<CompactString>,
    /// `Ebs.Iops`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// `Ebs.Throughput` in MiB/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u32>,
    /// `Ebs.DeleteOnTermination=false`: the volume outlives its instance.
    #[serde(default, skip_serializing_if = "is_false")]
    pub outlives: bool,
}
