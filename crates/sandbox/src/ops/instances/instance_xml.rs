//! Instances and reservations as EC2 writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_model::{AccountId, Moment, Region};
use compact_str::CompactString;

use super::network_xml::{write_groups, write_interface};
use crate::ops::Ctx;
use crate::wire::{Xml, wire_time};
use crate::world::{
    Instance, InstanceState, ShownState, Transition, default_security_group, default_subnet, default_vpc, zone_id,
};

/// Whose instances are written, where they are, and when.
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) now: Moment,
}

impl Place {
    /// The place and time of a call.
    pub(crate) fn of(ctx: &Ctx) -> Self {
        Self { account: ctx.account, region: ctx.region.clone(), now: ctx.now }
    }

    /// `SubnetId`.
    pub(crate) fn subnet(&self, instance: &Instance) -> String {
        instance
            .settings
            .subnet
            .as_ref()
            .map_or_else(|| default_subnet(self.account, &instance.zone), ToString::to_string)
    }

    /// The ids of its security groups.
    pub(crate) fn group_ids(&self, instance: &Instance) -> Vec<CompactString> {
        match instance.settings.security_groups.as_slice() {
            [] => vec![default_security_group(self.account, &self.region)],
            groups => groups.to_vec(),
        }
    }

    /// `PrivateDnsName`.
    pub(crate) fn private_dns(&self, instance: &Instance) -> String {
        let host = instance.private_ip.replace('.', "-");
        match self.region.as_str() {
            "us-east-1" => format!("ip-{host}.ec2.internal"),
            region => format!("ip-{host}.{region}.compute.internal"),
        }
    }
}

/// Instances in the order of their reservations.
pub(crate) fn by_reservation(instances: &[Arc<Instance>]) -> BTreeMap<&str, Vec<&Instance>> {
    let mut reservations: BTreeMap<&str, Vec<&Instance>> = BTreeMap::new();
    for instance in instances {
        reservations.entry(instance.reservation.as_str()).or_default().push(instance);
    }
    reservations
}

/// The members of `Reservation`.
pub(crate) fn write_reservation(xml: &mut Xml, place: &Place, id: &str, instances: &[&Instance]) {
    xml.text("reservationId", id);
    xml.value("ownerId", place.account);
    xml.element("groupSet", |_| {});
    if instances.iter().any(|instance| instance.group.is_some()) {
        xml.value("requesterId", place.account);
    }
    xml.list("instancesSet", "item", instances, |xml, instance| write_instance(xml, place, instance));
}

fn write_instance(xml: &mut Xml, place: &Place, instance: &Instance) {
    let (state, settings, traits) = (instance.shown_state(place.now), &instance.settings, &instance.settings.traits);
    let is_terminated = state == ShownState::Terminated;
    xml.text("instanceId", &instance.id);
    xml.text("imageId", &instance.image);
    write_state(xml, "instanceState", state);
    xml.text("privateDnsName", if is_terminated { String::new() } else { place.private_dns(instance) });
    xml.text("dnsName", "");
    xml.text("reason", transition_reason(instance));
    xml.optional("keyName", instance.key_name.as_ref());
    xml.value("amiLaunchIndex", instance.launch_index);
    xml.element("productCodes", |_| {});
    xml.text("instanceType", &instance.instance_type);
    xml.time("launchTime", instance.launched_at);
    xml.element("placement", |xml| {
        xml.text("availabilityZone", &instance.zone);
        xml.text("availabilityZoneId", zone_id(&place.region, &instance.zone));
        xml.text("groupName", settings.placement_group.as_deref().unwrap_or_default());
        xml.text("tenancy", &settings.tenancy);
    });
    xml.optional("platform", traits.platform.as_ref());
    xml.optional("kernelId", traits.kernel.as_ref());
    xml.optional("ramdiskId", traits.ramdisk.as_ref());
    xml.element("monitoring", |xml| xml.text("state", monitoring(instance)));
    if !is_terminated {
        xml.text("subnetId", place.subnet(instance));
        xml.text("vpcId", default_vpc(place.account, &place.region));
        xml.text("privateIpAddress", &instance.private_ip);
        xml.value("sourceDestCheck", settings.source_dest_check);
        write_groups(xml, place, instance);
    }
    if let Some((code, message)) = state_reason(instance, state) {
        xml.element("stateReason", |xml| {
            xml.text("code", code);
            xml.text("message", message);
        });
    }
    xml.text("architecture", &instance.architecture);
    xml.text("rootDeviceType", root_device_type(instance));
    xml.optional("rootDeviceName", instance.root_device_name.as_ref());
    write_devices(xml, place, instance);
    xml.text("virtualizationType", &traits.virtualization_type);
    xml.optional("instanceLifecycle", settings.spot_request.as_ref().map(|_| "spot"));
    xml.optional("spotInstanceRequestId", settings.spot_request.as_ref());
    xml.text("clientToken", settings.client_token.as_deref().unwrap_or_default());
    xml.tag_set(&instance.tags);
    xml.text("hypervisor", "xen");
    xml.list("networkInterfaceSet", "item", (!is_terminated).then_some(instance), |xml, instance| {
        write_interface(xml, place, instance, false);
    });
    if let Some(arn) = &settings.profile_arn {
        xml.element("iamInstanceProfile", |xml| {
            xml.text("arn", arn);
            xml.text("id", profile_id(arn));
        });
    }
    xml.value("ebsOptimized", settings.ebs_optimized);
    xml.value("enaSupport", traits.ena_support);
    xml.optional("sriovNetSupport", traits.sriov_net_support.as_ref());
    write_options(xml, place, instance);
    if let Some(principal) = &instance.hidden_for {
        xml.element("operator", |xml| {
            xml.value("managed", true);
            xml.text("principal", principal);
            xml.value("hiddenByDefault", true);
        });
    } else {
        xml.element("operator", |xml| xml.value("managed", false));
    }
}

fn write_devices(xml: &mut Xml, place: &Place, instance: &Instance) {
    let status = device_status(instance, place.now);
    xml.list("blockDeviceMapping", "item", &instance.devices, |xml, device| {
        xml.text("deviceName", &device.name);
        xml.element("ebs", |xml| {
            xml.text("volumeId", &device.volume);
            xml.text("status", status);
            xml.time("attachTime", instance.first_launched_at());
            xml.value("deleteOnTermination", device.delete_on_termination);
        });
    });
}

fn write_options(xml: &mut Xml, place: &Place, instance: &Instance) {
    let (settings, traits) = (&instance.settings, &instance.settings.traits);
    xml.element("capacityReservationSpecification", |xml| xml.text("capacityReservationPreference", "open"));
    xml.element("hibernationOptions", |xml| xml.value("configured", settings.hibernation));
    xml.element("metadataOptions", |xml| {
        xml.text("state", if instance.shown_state(place.now) == ShownState::Pending { "pending" } else { "applied" });
        xml.text("httpTokens", &settings.metadata.http_tokens);
        xml.value("httpPutResponseHopLimit", settings.metadata.hop_limit);
        xml.text("httpEndpoint", &settings.metadata.http_endpoint);
        xml.text("httpProtocolIpv6", &settings.metadata.http_protocol_ipv6);
        xml.text("instanceMetadataTags", &settings.metadata.instance_metadata_tags);
    });
    xml.element("enclaveOptions", |xml| xml.value("enabled", settings.enclave));
    xml.optional("bootMode", traits.boot_mode.as_ref());
    xml.text("currentInstanceBootMode", boot_mode(instance));
    xml.text("platformDetails", platform_details(instance));
    xml.text("usageOperation", usage_operation(instance));
    xml.time("usageOperationUpdateTime", instance.first_launched_at());
    xml.optional("tpmSupport", traits.tpm_support.as_ref());
    xml.element("privateDnsNameOptions", |xml| {
        xml.text("hostnameType", "ip-name");
        xml.value("enableResourceNameDnsARecord", false);
        xml.value("enableResourceNameDnsAAAARecord", false);
    });
    xml.element("maintenanceOptions", |xml| xml.text("autoRecovery", &settings.auto_recovery));
}

/// An `InstanceState`.
pub(crate) fn write_state(xml: &mut Xml, name: &str, state: ShownState) {
    xml.element(name, |xml| {
        xml.value("code", state.code());
        xml.text("name", state.as_str());
    });
}

/// Why it was stopped or terminated, if it was and has not been started since.
pub(super) fn stop_reason(instance: &Instance) -> Option<&Transition> {
    instance.settings.transition.as_ref().filter(|_| instance.state != InstanceState::Running)
}

/// `StateReason`, code and message.
pub(crate) fn state_reason(instance: &Instance, state: ShownState) -> Option<(&str, &str)> {
    match state {
        ShownState::Pending => Some(("pending", "pending")),
        _ => stop_reason(instance).map(|Transition { code, message, .. }| (code.as_str(), &**message)),
    }
}

/// `StateTransitionReason`.
pub(super) fn transition_reason(instance: &Instance) -> String {
    match stop_reason(instance) {
        Some(transition) if transition.code.starts_with("Client.") => {
            let at = wire_time(transition.at);
            format!("User initiated ({} {} GMT)", &at[..10], &at[11..19])
        }
        Some(transition) => transition.message.to_string(),
        None => String::new(),
    }
}

/// `Status` of its block devices.
pub(super) fn device_status(instance: &Instance, now: Moment) -> &'static str {
    if instance.shown_state(now) == ShownState::Pending { "attaching" } else { "attached" }
}

/// `Monitoring.State`.
pub(super) fn monitoring(instance: &Instance) -> &'static str {
    if instance.settings.monitoring { "enabled" } else { "disabled" }
}

/// `RootDeviceType`.
pub(super) fn root_device_type(instance: &Instance) -> &'static str {
    if instance.root_device_name.is_some() { "ebs" } else { "instance-store" }
}

/// `CurrentInstanceBootMode`.
pub(super) fn boot_mode(instance: &Instance) -> &'static str {
    let is_uefi = instance.architecture == "arm64"
        || instance.settings.traits.boot_mode.as_deref().is_some_and(|mode| mode.starts_with("uefi"));
    if is_uefi { "uefi" } else { "legacy-bios" }
}

/// `PlatformDetails`.
pub(super) fn platform_details(instance: &Instance) -> &'static str {
    if instance.settings.traits.platform.is_some() { "Windows" } else { "Linux/UNIX" }
}

/// `UsageOperation`.
pub(super) fn usage_operation(instance: &Instance) -> &'static str {
    if instance.settings.traits.platform.is_some() { "RunInstances:0002" } else { "RunInstances" }
}

/// `IamInstanceProfile.Id`: made of the ARN, so that one profile always has the same.
pub(super) fn profile_id(arn: &str) -> String {
    let sum = arn.bytes().fold(7u64, |sum, byte| crate::world::mixed(sum ^ u64::from(byte)));
    format!("AIPA{sum:016X}")
}
