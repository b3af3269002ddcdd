//! The filters of `DescribeImages`.

use amictl_model::{Moment, Tags};

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
    "image-watermark.source-image-creation-time",
    "image-watermark.source-image-id",
    "image-watermark.source-image-region",
    "image-watermark.watermark-creation-time",
    "image-watermark.watermark-key",
    "instance-type-specification.supported-instance-type",
    "instance-type-specification.unsupported-instance-type",
    "is-public",
    "kernel-id",
    "manifest-location",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "product-code",
    "product-code.type",
    "public-ssm-parameter-name",
    "ramdisk-id",
    "root-device-name",
    "root-device-type",
    "scan-result.critical-fix-available-since",
    "scan-result.finding-scan-date",
    "scan-result.high-fix-available-since",
    "scan-result.highest-finding-severity-label",
    "scan-result.informational-fix-available-since",
    "scan-result.low-fix-available-since",
    "scan-result.medium-fix-available-since",
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

/// In whose eyes, and when, an image is looked at.
pub(crate) struct ImageView {
    /// The time.
    pub(crate) now: Moment,
    /// Whether the owner looks: tags and some more are for its eyes only.
    pub(crate) is_owner: bool,
    /// `ImageAllowed`, if it is to be told.
    pub(crate) allowed: Option<bool>,
}

/// Whether the filters take this image.
pub(crate) fn image_matches(filters: &Filters, image: &Image, view: &ImageView) -> bool {
    let tags = if view.is_owner { &image.tags } else { &Tags::default() };
    filters.matches(tags, |name, filter| match name.strip_prefix("block-device-mapping.") {
        Some(name) => device_matches(image, name, filter),
        None => field_matches(image, name, filter, view),
    })
}

fn field_matches(image: &Image, name: &str, filter: &Filter, view: &ImageView) -> bool {
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
        "state" => filter.takes(image.state_at(view.now).as_str()),
        "tpm-support" => filter.takes_some(traits.tpm_support.as_ref()),
        "virtualization-type" => filter.takes(&traits.virtualization_type),
        "owner-alias" => filter.takes_some(image.owner_alias()),
        "state-reason-code" => filter.takes_some(image.state_reason(view.now).map(|reason| &reason.code)),
        "state-reason-message" => filter.takes_some(image.state_reason(view.now).map(|reason| &reason.message)),
        "product-code" => image.product_codes().iter().any(|code| filter.takes(&code.id)),
        "product-code.type" => image.product_codes().iter().any(|code| filter.takes(&code.kind)),
        "free-tier-eligible" => filter.takes_value(image.extras.as_ref().is_some_and(|extras| extras.free_tier)),
        "public-ssm-parameter-name" => {
            filter.takes_some(image.extras.as_ref().and_then(|extras| extras.public_parameter.as_ref()))
        }
        // While nothing is restricted, all are allowed.
        "image-allowed" => filter.takes_value(view.allowed.unwrap_or(true)),
        // No image here was scanned, bears a watermark or says which instance types suit it.
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
