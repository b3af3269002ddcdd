//! An image and its parts as EC2 writes them.

use amictl_model::Moment;

use crate::wire::{Xml, wire_time};
use crate::world::{Image, MappedEbs, Mapping};

/// The members of `Image`; some are for the owner's eyes only.
pub(crate) fn write_image(xml: &mut Xml, image: &Image, is_owner: bool, now: Moment) {
    let traits = &image.traits;
    xml.text("imageId", &image.id);
    xml.text("imageLocation", image.location());
    xml.text("imageState", image.state.as_str());
    xml.value("imageOwnerId", image.owner);
    xml.time("creationDate", image.created_at);
    xml.value("isPublic", image.is_public());
    xml.text("architecture", &traits.architecture);
    xml.text("imageType", "machine");
    xml.optional("kernelId", traits.kernel.as_ref());
    xml.optional("ramdiskId", traits.ramdisk.as_ref());
    xml.optional("platform", traits.platform.as_ref());
    let is_windows = traits.platform.is_some();
    xml.text("platformDetails", if is_windows { "Windows" } else { "Linux/UNIX" });
    xml.text("usageOperation", if is_windows { "RunInstances:0002" } else { "RunInstances" });
    write_mappings(xml, "blockDeviceMapping", &image.mappings);
    xml.optional("description", image.description.as_ref());
    if traits.ena_support {
        xml.value("enaSupport", true);
    }
    xml.text("hypervisor", "xen");
    xml.text("name", &image.name);
    xml.optional("rootDeviceName", traits.root_device_name.as_ref());
    xml.text("rootDeviceType", traits.root_device_type.as_str());
    xml.optional("sriovNetSupport", traits.sriov_net_support.as_ref());
    xml.tag_set(&image.tags);
    xml.text("virtualizationType", &traits.virtualization_type);
    xml.optional("bootMode", traits.boot_mode.as_ref());
    xml.optional("tpmSupport", traits.tpm_support.as_ref());
    xml.optional("deprecationTime", image.deprecation_at.map(wire_time));
    xml.optional("imdsSupport", traits.imds_support.as_ref());
    xml.optional("sourceImageId", image.source_image.as_ref());
    xml.optional("sourceImageRegion", image.source_region.as_ref().map(amictl_model::Region::as_str));
    if is_owner {
        xml.optional("sourceInstanceId", image.source_instance.as_ref());
        xml.text("deregistrationProtection", image.protection.wire(now));
        xml.optional("lastLaunchedTime", image.launches.shown(now).map(wire_time));
    }
}

/// A list of block device mappings.
pub(crate) fn write_mappings(xml: &mut Xml, name: &str, mappings: &[Mapping]) {
    xml.list(name, "item", mappings, |xml, mapping| {
        xml.text("deviceName", &mapping.device_name);
        xml.optional("virtualName", mapping.virtual_name.as_ref());
        if mapping.no_device {
            xml.text("noDevice", "");
        }
        if let Some(ebs) = &mapping.ebs {
            xml.element("ebs", |xml| write_ebs(xml, ebs));
        }
    });
}

fn write_ebs(xml: &mut Xml, ebs: &MappedEbs) {
    xml.optional("snapshotId", ebs.snapshot.as_ref());
    if let Some(size) = ebs.size_gib {
        xml.value("volumeSize", size);
    }
    xml.value("deleteOnTermination", ebs.delete_on_termination.unwrap_or(true));
    xml.text("volumeType", ebs.volume_type.as_deref().unwrap_or("gp3"));
    if let Some(iops) = ebs.iops {
        xml.value("iops", iops);
    }
    if let Some(throughput) = ebs.throughput {
        xml.value("throughput", throughput);
    }
    xml.optional("kmsKeyId", ebs.kms_key.as_ref());
    xml.value("encrypted", ebs.encrypted);
}
