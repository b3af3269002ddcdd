//! An image and its parts as EC2 writes them.

use super::image_filter::ImageView;
use crate::wire::Xml;
use crate::world::{Image, MappedEbs, Mapping};

/// The members of `Image`; some are for the owner's eyes only.
pub(crate) fn write_image(xml: &mut Xml, image: &Image, view: &ImageView) {
    let (now, traits) = (view.now, &image.traits);
    xml.text("imageId", &image.id);
    match &image.location {
        Some(location) => xml.text("imageLocation", location),
        None => xml.element("imageLocation", |xml| {
            xml.plain(image.owner);
            xml.escape("/");
            xml.escape(&image.name);
        }),
    }
    xml.text("imageState", image.state_at(now).as_str());
    xml.value("imageOwnerId", image.owner);
    xml.time("creationDate", image.created_at);
    xml.flag("isPublic", image.is_public());
    write_product_codes(xml, image);
    xml.text("architecture", &traits.architecture);
    xml.text("imageType", "machine");
    xml.optional("kernelId", traits.kernel.as_ref());
    xml.optional("ramdiskId", traits.ramdisk.as_ref());
    xml.optional("platform", traits.platform.as_ref());
    xml.text("platformDetails", image.platform_details());
    xml.text("usageOperation", image.usage_operation());
    write_mappings(xml, "blockDeviceMapping", &image.mappings);
    xml.optional("description", image.description.as_ref());
    if traits.ena_support {
        xml.flag("enaSupport", true);
    }
    xml.text("hypervisor", "xen");
    xml.optional("imageOwnerAlias", image.owner_alias());
    xml.text("name", &image.name);
    xml.optional("rootDeviceName", traits.root_device_name.as_ref());
    xml.text("rootDeviceType", traits.root_device_type.as_str());
    xml.optional("sriovNetSupport", traits.sriov_net_support.as_ref());
    if let Some(reason) = image.state_reason(now) {
        xml.element("stateReason", |xml| {
            xml.text("code", &reason.code);
            xml.text("message", &reason.message);
        });
    }
    xml.text("virtualizationType", &traits.virtualization_type);
    xml.optional("bootMode", traits.boot_mode.as_ref());
    xml.optional("tpmSupport", traits.tpm_support.as_ref());
    if let Some(at) = image.deprecation() {
        xml.time("deprecationTime", at);
    }
    xml.optional("imdsSupport", traits.imds_support.as_ref());
    xml.optional("sourceImageId", image.source_image.as_ref());
    xml.optional("sourceImageRegion", image.source_region.as_ref().map(amictl_model::Region::as_str));
    if let Some(allowed) = view.allowed {
        xml.value("imageAllowed", allowed);
    }
    if let Some(extras) = &image.extras {
        if extras.free_tier {
            xml.value("freeTierEligible", true);
        }
        xml.optional("publicSsmParameterName", extras.public_parameter.as_ref());
    }
    if view.is_owner {
        xml.tag_set(&image.tags);
        xml.optional("sourceInstanceId", image.source_instance.as_ref());
        xml.text("deregistrationProtection", image.protection.wire(now));
        if let Some(at) = image.launches.shown(now) {
            xml.time("lastLaunchedTime", at);
        }
    }
}

/// `ProductCodes`, left out when there are none.
pub(crate) fn write_product_codes(xml: &mut Xml, image: &Image) {
    if !image.product_codes().is_empty() {
        xml.list("productCodes", "item", image.product_codes(), |xml, code| {
            xml.text("productCode", &code.id);
            xml.text("type", &code.kind);
        });
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
    xml.flag("deleteOnTermination", ebs.delete_on_termination.unwrap_or(true));
    xml.text("volumeType", ebs.volume_type.as_deref().unwrap_or("gp3"));
    if let Some(iops) = ebs.iops {
        xml.value("iops", iops);
    }
    if let Some(throughput) = ebs.throughput {
        xml.value("throughput", throughput);
    }
    xml.optional("kmsKeyId", ebs.kms_key.as_ref());
    xml.flag("encrypted", ebs.encrypted);
}
