//! The filters of `DescribeImages`.

use crate::filter::{Filter, Filters};
use crate::wire::wire_time;
use crate::world::{Image, MappedEbs};

/// The names that `DescribeImages` knows beside `tag:<key>`.
pub(crate) const IMAGE_FILTERS: &[&str] = &[
    "architecture",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.encrypted",
    "block-device-mapping.snapshot-id",
    "block-device-mapping.volume-size",
    "block-device-mapping.volume-type",
    "boot-mode",
    "creation-date",
    "description",
    "ena-support",
    "free-tier-eligible",
    "hypervisor",
    "image-allowed",
    "image-id",
    "image-type",
    "is-public",
    "kernel-id",
    "manifest-location",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "root-device-name",
    "root-device-type",
    "source-image-id",
    "source-image-region",
    "source-instance-id",
    "sriov-net-support",
    "state",
    "state-reason-code",
    "state-reason-message",
    "tag-key",
    "tpm-support",
    "virtualization-type",
];

/// Whether the filters take this image.
pub(crate) fn image_matches(filters: &Filters, image: &Image) -> bool {
    filters.matches(&image.tags, |name, filter| match name.strip_prefix("block-device-mapping.") {
        Some(name) => device_matches(image, name, filter),
        None => field_matches(image, name, filter),
    })
}

fn field_matches(image: &Image, name: &str, filter: &Filter) -> bool {
    let traits = &image.traits;
    match name {
        "architecture" => filter.takes(&traits.architecture),
        "boot-mode" => filter.takes_some(traits.boot_mode.as_ref()),
        "creation-date" => filter.takes(&wire_time(image.created_at)),
        "description" => filter.takes_some(image.description.as_ref()),
        "ena-support" => filter.takes_value(traits.ena_support),
        "hypervisor" => filter.takes("xen"),
        "image-id" => filter.takes(image.id.as_str()),
        "image-type" => filter.takes("machine"),
        "is-public" => filter.takes_value(image.is_public()),
        "kernel-id" => filter.takes_some(traits.kernel.as_ref()),
        "manifest-location" => filter.takes(&image.location()),
        "name" => filter.takes(&image.name),
        "owner-id" => filter.takes_value(image.owner),
        "platform" => filter.takes_some(traits.platform.as_ref()),
        "ramdisk-id" => filter.takes_some(traits.ramdisk.as_ref()),
        "root-device-name" => filter.takes_some(traits.root_device_name.as_ref()),
        "root-device-type" => filter.takes(traits.root_device_type.as_str()),
        "source-image-id" => filter.takes_some(image.source_image.as_ref()),
        "source-image-region" => filter.takes_some(image.source_region.as_ref().map(amictl_model::Region::as_str)),
        "source-instance-id" => filter.takes_some(image.source_instance.as_ref()),
        "sriov-net-support" => filter.takes_some(traits.sriov_net_support.as_ref()),
        "state" => filter.takes(image.state.as_str()),
        "tpm-support" => filter.takes_some(traits.tpm_support.as_ref()),
        "virtualization-type" => filter.takes(&traits.virtualization_type),
        // Allowed AMIs, marketplace products, the free tier and failed states do not exist here.
        "image-allowed" => filter.takes("true"),
        "free-tier-eligible" => filter.takes("false"),
        _ => false,
    }
}

fn device_matches(image: &Image, name: &str, filter: &Filter) -> bool {
    let ebs =
        |test: &dyn Fn(&MappedEbs) -> bool| image.mappings.iter().filter_map(|mapping| mapping.ebs.as_ref()).any(test);
    match name {
        "device-name" => image.mappings.iter().any(|mapping| filter.takes(&mapping.device_name)),
        "delete-on-termination" => ebs(&|ebs| filter.takes_value(ebs.delete_on_termination.unwrap_or(true))),
        "encrypted" => ebs(&|ebs| filter.takes_value(ebs.encrypted)),
        "snapshot-id" => ebs(&|ebs| filter.takes_some(ebs.snapshot.as_ref())),
        "volume-size" => ebs(&|ebs| filter.takes_some(ebs.size_gib.map(|size| size.to_string()))),
        "volume-type" => ebs(&|ebs| filter.takes(ebs.volume_type.as_deref().unwrap_or("gp3"))),
        _ => false,
    }
}
