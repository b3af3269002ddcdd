//! The filters of `DescribeInstances`: all names that AWS documents, and what each is held against.

use super::instance_xml::{
    Place, boot_mode, device_status, monitoring, platform_details, profile_id, root_device_type, state_reason,
    transition_reason, usage_operation,
};
use super::network_xml::{attachment_id, interface_id, mac_address};
use crate::filter::{Filter, Filters};
use crate::wire::wire_time;
use crate::world::{Instance, Scope, ShownState, default_security_group, default_vpc, zone_id};

/// The names. What the sandbox never has, such as an Outpost, matches nothing.
pub(super) const INSTANCE_FILTERS: &[&str] = &[
    "affinity",
    "architecture",
    "availability-zone",
    "availability-zone-id",
    "block-device-mapping.attach-time",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "boot-mode",
    "capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-preference",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
    "client-token",
    "current-instance-boot-mode",
    "dns-name",
    "ebs-optimized",
    "ena-support",
    "enclave-options.enabled",
    "hibernation-options.configured",
    "host-id",
    "hypervisor",
    "iam-instance-profile.arn",
    "iam-instance-profile.id",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "ipv6-address",
    "kernel-id",
    "key-name",
    "launch-index",
    "launch-time",
    "maintenance-options.auto-recovery",
    "metadata-options.http-endpoint",
    "metadata-options.http-protocol-ipv4",
    "metadata-options.http-protocol-ipv6",
    "metadata-options.http-put-response-hop-limit",
    "metadata-options.http-tokens",
    "metadata-options.instance-metadata-tags",
    "metadata-options.state",
    "monitoring-state",
    "network-interface.addresses.association.allocation-id",
    "network-interface.addresses.association.association-id",
    "network-interface.addresses.association.carrier-ip",
    "network-interface.addresses.association.customer-owned-ip",
    "network-interface.addresses.association.ip-owner-id",
    "network-interface.addresses.association.public-dns-name",
    "network-interface.addresses.association.public-ip",
    "network-interface.addresses.primary",
    "network-interface.addresses.private-dns-name",
    "network-interface.addresses.private-ip-address",
    "network-interface.association.allocation-id",
    "network-interface.association.association-id",
    "network-interface.association.carrier-ip",
    "network-interface.association.customer-owned-ip",
    "network-interface.association.ip-owner-id",
    "network-interface.association.public-dns-name",
    "network-interface.association.public-ip",
    "network-interface.attachment.attach-time",
    "network-interface.attachment.attachment-id",
    "network-interface.attachment.delete-on-termination",
    "network-interface.attachment.device-index",
    "network-interface.attachment.instance-id",
    "network-interface.attachment.instance-owner-id",
    "network-interface.attachment.network-card-index",
    "network-interface.attachment.status",
    "network-interface.availability-zone",
    "network-interface.deny-all-igw-traffic",
    "network-interface.description",
    "network-interface.group-id",
    "network-interface.group-name",
    "network-interface.ipv4-prefixes.ipv4-prefix",
    "network-interface.ipv6-address",
    "network-interface.ipv6-addresses.ipv6-address",
    "network-interface.ipv6-addresses.is-primary-ipv6",
    "network-interface.ipv6-native",
    "network-interface.ipv6-prefixes.ipv6-prefix",
    "network-interface.mac-address",
    "network-interface.network-interface-id",
    "network-interface.operator.managed",
    "network-interface.operator.principal",
    "network-interface.outpost-arn",
    "network-interface.owner-id",
    "network-interface.private-dns-name",
    "network-interface.private-ip-address",
    "network-interface.public-dns-name",
    "network-interface.requester-id",
    "network-interface.requester-managed",
    "network-interface.source-dest-check",
    "network-interface.status",
    "network-interface.subnet-id",
    "network-interface.tag-key",
    "network-interface.tag-value",
    "network-interface.vpc-id",
    "network-performance-options.bandwidth-weighting",
    "operator.managed",
    "operator.principal",
    "outpost-arn",
    "owner-id",
    "placement-group-name",
    "placement-partition-number",
    "platform",
    "platform-details",
    "private-dns-name",
    "private-dns-name-options.enable-resource-name-dns-a-record",
    "private-dns-name-options.enable-resource-name-dns-aaaa-record",
    "private-dns-name-options.hostname-type",
    "private-ip-address",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "reason",
    "requester-id",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "source-dest-check",
    "spot-instance-request-id",
    "state-reason-code",
    "state-reason-message",
    "subnet-id",
    "tag-key",
    "tag-value",
    "tenancy",
    "tpm-support",
    "usage-operation",
    "usage-operation-update-time",
    "virtualization-type",
    "vpc-id",
];

/// Whether an instance matches all filters.
pub(super) fn matches(place: &Place, scope: &Scope, filters: &Filters, instance: &Instance) -> bool {
    filters.matches(&instance.tags, |name, filter| {
        if let Some(rest) = name.strip_prefix("network-interface.") {
            return of_interface(place, scope, instance, rest, filter);
        }
        if let Some(rest) = name.strip_prefix("block-device-mapping.") {
            return of_devices(place, instance, rest, filter);
        }
        of_settings(place, instance, name, filter).unwrap_or_else(|| of_instance(place, scope, instance, name, filter))
    })
}

fn of_instance(place: &Place, scope: &Scope, instance: &Instance, name: &str, filter: &Filter) -> bool {
    let state = instance.shown_state(place.now);
    match name {
        "architecture" => filter.takes(&instance.architecture),
        "availability-zone" => filter.takes(&instance.zone),
        "availability-zone-id" => filter.takes(&zone_id(&place.region, &instance.zone)),
        "dns-name" => filter.takes(""),
        "image-id" => filter.takes(instance.image.as_str()),
        "instance-id" => filter.takes(&instance.id),
        "instance-state-code" => filter.takes_value(state.code()),
        "instance-state-name" => filter.takes(state.as_str()),
        "instance-type" => filter.takes(&instance.instance_type),
        "instance.group-id" => place.group_ids(instance).iter().any(|group| filter.takes(group)),
        "instance.group-name" => group_names(place, scope, instance).iter().any(|group| filter.takes(group)),
        "key-name" => filter.takes_some(instance.key_name.as_ref()),
        "launch-index" => filter.takes_value(instance.launch_index),
        "launch-time" => filter.takes(&wire_time(instance.launched_at)),
        "usage-operation-update-time" => filter.takes(&wire_time(instance.first_launched_at())),
        "operator.managed" => filter.takes_value(instance.hidden_for.is_some()),
        "operator.principal" => filter.takes_some(instance.hidden_for.as_ref()),
        "owner-id" => filter.takes_value(place.account),
        "private-dns-name" => filter.takes(&place.private_dns(instance)),
        "private-ip-address" => filter.takes(&instance.private_ip),
        "reason" => filter.takes(&transition_reason(instance)),
        "requester-id" => instance.group.is_some() && filter.takes_value(place.account),
        "reservation-id" => filter.takes(&instance.reservation),
        "root-device-name" => filter.takes_some(instance.root_device_name.as_ref()),
        "root-device-type" => filter.takes(root_device_type(instance)),
        "state-reason-code" => filter.takes_some(state_reason(instance, state).map(|(code, _)| code)),
        "state-reason-message" => filter.takes_some(state_reason(instance, state).map(|(_, message)| message)),
        "subnet-id" => state != ShownState::Terminated && filter.takes(&place.subnet(instance)),
        "tag-value" => instance.tags.iter().any(|(_, value)| filter.takes(value)),
        "vpc-id" => state != ShownState::Terminated && filter.takes(&default_vpc(place.account, &place.region)),
        _ => false,
    }
}

fn of_settings(place: &Place, instance: &Instance, name: &str, filter: &Filter) -> Option<bool> {
    let (settings, traits) = (&instance.settings, &instance.settings.traits);
    let pending = instance.shown_state(place.now) == ShownState::Pending;
    Some(match name {
        "boot-mode" => filter.takes_some(traits.boot_mode.as_ref()),
        "capacity-reservation-specification.capacity-reservation-preference" => filter.takes("open"),
        "client-token" => filter.takes_some(settings.client_token.as_ref()),
        "current-instance-boot-mode" => filter.takes(boot_mode(instance)),
        "ebs-optimized" => filter.takes_value(settings.ebs_optimized),
        "ena-support" => filter.takes_value(traits.ena_support),
        "enclave-options.enabled" => filter.takes_value(settings.enclave),
        "hibernation-options.configured" => filter.takes_value(settings.hibernation),
        "hypervisor" => filter.takes("xen"),
        "iam-instance-profile.arn" => filter.takes_some(settings.profile_arn.as_ref()),
        "iam-instance-profile.id" => filter.takes_some(settings.profile_arn.as_deref().map(profile_id)),
        "instance-lifecycle" => settings.spot_request.is_some() && filter.takes("spot"),
        "kernel-id" => filter.takes_some(traits.kernel.as_ref()),
        "maintenance-options.auto-recovery" => filter.takes(&settings.auto_recovery),
        "metadata-options.http-endpoint" | "metadata-options.http-protocol-ipv4" => {
            filter.takes(&settings.metadata.http_endpoint)
        }
        "metadata-options.http-protocol-ipv6" => filter.takes(&settings.metadata.http_protocol_ipv6),
        "metadata-options.http-put-response-hop-limit" => filter.takes_value(settings.metadata.hop_limit),
        "metadata-options.http-tokens" => filter.takes(&settings.metadata.http_tokens),
        "metadata-options.instance-metadata-tags" => filter.takes(&settings.metadata.instance_metadata_tags),
        "metadata-options.state" => filter.takes(if pending { "pending" } else { "applied" }),
        "monitoring-state" => filter.takes(monitoring(instance)),
        "placement-group-name" => filter.takes_some(settings.placement_group.as_ref()),
        "platform" => filter.takes_some(traits.platform.as_ref()),
        "platform-details" => filter.takes(platform_details(instance)),
        "private-dns-name-options.hostname-type" => filter.takes("ip-name"),
        "private-dns-name-options.enable-resource-name-dns-a-record"
        | "private-dns-name-options.enable-resource-name-dns-aaaa-record" => filter.takes("false"),
        "ramdisk-id" => filter.takes_some(traits.ramdisk.as_ref()),
        "source-dest-check" => filter.takes_value(settings.source_dest_check),
        "spot-instance-request-id" => filter.takes_some(settings.spot_request.as_ref()),
        "tenancy" => filter.takes(&settings.tenancy),
        "tpm-support" => filter.takes_some(traits.tpm_support.as_ref()),
        "usage-operation" => filter.takes(usage_operation(instance)),
        "virtualization-type" => filter.takes(&traits.virtualization_type),
        _ => return None,
    })
}

fn of_devices(place: &Place, instance: &Instance, name: &str, filter: &Filter) -> bool {
    instance.devices.iter().any(|device| match name {
        "attach-time" => filter.takes(&wire_time(instance.first_launched_at())),
        "delete-on-termination" => filter.takes_value(device.delete_on_termination),
        "device-name" => filter.takes(&device.name),
        "status" => filter.takes(device_status(instance, place.now)),
        "volume-id" => filter.takes(&device.volume),
        _ => false,
    })
}

fn of_interface(place: &Place, scope: &Scope, instance: &Instance, name: &str, filter: &Filter) -> bool {
    if instance.shown_state(place.now) == ShownState::Terminated {
        return false;
    }
    match name {
        "addresses.primary" => filter.takes("true"),
        "addresses.private-dns-name" | "private-dns-name" => filter.takes(&place.private_dns(instance)),
        "addresses.private-ip-address" | "private-ip-address" => filter.takes(&instance.private_ip),
        "attachment.attach-time" => filter.takes(&wire_time(instance.first_launched_at())),
        "attachment.attachment-id" => filter.takes(&attachment_id(instance)),
        "attachment.delete-on-termination" => filter.takes("true"),
        "attachment.device-index" | "attachment.network-card-index" => filter.takes("0"),
        "attachment.instance-id" => filter.takes(&instance.id),
        "attachment.instance-owner-id" | "owner-id" => filter.takes_value(place.account),
        "attachment.status" => filter.takes(device_status(instance, place.now)),
        "availability-zone" => filter.takes(&instance.zone),
        "deny-all-igw-traffic" | "ipv6-native" | "requester-managed" | "operator.managed" => filter.takes("false"),
        "description" => filter.takes(""),
        "group-id" => place.group_ids(instance).iter().any(|group| filter.takes(group)),
        "group-name" => group_names(place, scope, instance).iter().any(|group| filter.takes(group)),
        "mac-address" => filter.takes(&mac_address(instance)),
        "network-interface-id" => filter.takes(&interface_id(instance)),
        "source-dest-check" => filter.takes_value(instance.settings.source_dest_check),
        "status" => filter.takes("in-use"),
        "subnet-id" => filter.takes(&place.subnet(instance)),
        "vpc-id" => filter.takes(&default_vpc(place.account, &place.region)),
        _ => false,
    }
}

fn group_names(place: &Place, scope: &Scope, instance: &Instance) -> Vec<String> {
    let default = default_security_group(place.account, &place.region);
    let name = |id| match scope.security_groups.get(&id) {
        Some(group) => group.name.to_string(),
        None if id == default => "default".to_owned(),
        None => String::new(),
    };
    place.group_ids(instance).into_iter().map(name).collect()
}
