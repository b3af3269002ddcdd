//! The filters of `DescribeSpotInstanceRequests`.

use crate::filter::{Filter, Filters};
use crate::ops::Ctx;
use crate::wire::{Params, wire_time};
use crate::world::{SpotRequest, zone_id};

/// The names that AWS documents. What the sandbox never has matches nothing.
pub(super) const SPOT_FILTERS: &[&str] = &[
    "availability-zone-group",
    "create-time",
    "fault-code",
    "fault-message",
    "instance-id",
    "launch-group",
    "launch.block-device-mapping.delete-on-termination",
    "launch.block-device-mapping.device-name",
    "launch.block-device-mapping.snapshot-id",
    "launch.block-device-mapping.volume-size",
    "launch.block-device-mapping.volume-type",
    "launch.group-id",
    "launch.group-name",
    "launch.image-id",
    "launch.instance-type",
    "launch.kernel-id",
    "launch.key-name",
    "launch.monitoring-enabled",
    "launch.ramdisk-id",
    "launched-availability-zone",
    "launched-availability-zone-id",
    "network-interface.addresses.primary",
    "network-interface.delete-on-termination",
    "network-interface.description",
    "network-interface.device-index",
    "network-interface.group-id",
    "network-interface.network-interface-id",
    "network-interface.private-ip-address",
    "network-interface.subnet-id",
    "product-description",
    "spot-instance-request-id",
    "spot-price",
    "state",
    "status-code",
    "status-message",
    "tag-key",
    "type",
    "valid-from",
    "valid-until",
];

/// Whether a request matches all filters.
pub(super) fn matches(ctx: &Ctx, filters: &Filters, request: &SpotRequest) -> bool {
    let is_launched = ctx.now >= request.active_at;
    let (code, message, _) = request.status(ctx.now);
    filters.matches(&request.tags, |name, filter| match name {
        "create-time" => filter.takes(&wire_time(request.created_at)),
        "fault-code" => filter.takes_some(request.fault.as_ref().map(|(code, _)| code)),
        "fault-message" => filter.takes_some(request.fault.as_ref().map(|(_, message)| message)),
        "instance-id" => is_launched && filter.takes_some(request.instance.as_ref()),
        "launched-availability-zone" => is_launched && filter.takes_some(request.zone.as_ref()),
        "launched-availability-zone-id" => {
            is_launched && filter.takes_some(request.zone.as_ref().map(|zone| zone_id(&ctx.region, zone)))
        }
        "product-description" => filter.takes("Linux/UNIX"),
        "spot-instance-request-id" => filter.takes(&request.id),
        "spot-price" => filter.takes_some(request.price.as_ref()),
        "state" => filter.takes(request.state(ctx.now)),
        "status-code" => filter.takes(code),
        "status-message" => filter.takes(message),
        "type" => filter.takes(&request.kind),
        "valid-until" => filter.takes_some(request.valid_until.map(wire_time)),
        name => name.strip_prefix("launch.").is_some_and(|name| of_specification(&request.specification, name, filter)),
    })
}

fn of_specification(specification: &Params, name: &str, filter: &Filter) -> bool {
    let text = |name: &str| filter.takes_some(specification.text(name));
    let device = |name: &str| {
        let devices = specification.structures("BlockDeviceMapping").unwrap_or_default();
        devices.iter().any(|device| match device.structure("Ebs") {
            _ if name == "DeviceName" => filter.takes_some(device.text(name)),
            Some(ebs) => filter.takes_some(ebs.text(name)),
            None => false,
        })
    };
    match name {
        "image-id" => text("ImageId"),
        "instance-type" => text("InstanceType"),
        "kernel-id" => text("KernelId"),
        "key-name" => text("KeyName"),
        "ramdisk-id" => text("RamdiskId"),
        "monitoring-enabled" => {
            filter.takes_some(specification.structure("Monitoring").and_then(|nested| nested.text("Enabled")))
        }
        "group-id" => specification.texts("SecurityGroupId").unwrap_or_default().iter().any(|id| filter.takes(id)),
        "group-name" => specification.texts("SecurityGroup").unwrap_or_default().iter().any(|name| filter.takes(name)),
        "block-device-mapping.delete-on-termination" => device("DeleteOnTermination"),
        "block-device-mapping.device-name" => device("DeviceName"),
        "block-device-mapping.snapshot-id" => device("SnapshotId"),
        "block-device-mapping.volume-size" => device("VolumeSize"),
        "block-device-mapping.volume-type" => device("VolumeType"),
        _ => false,
    }
}
