//! The one network interface of an instance, which is computed and not kept, and its security groups.

use super::instance_xml::Place;
use crate::wire::Xml;
use crate::world::{Instance, ShownState, default_security_group, default_vpc, mixed};

/// The number behind the ids that belong to an instance's network interface.
fn number(instance: &Instance) -> u64 {
    instance.id.bytes().fold(3, |number, byte| mixed(number ^ u64::from(byte)))
}

/// `NetworkInterfaceId`.
pub(crate) fn interface_id(instance: &Instance) -> String {
    format!("eni-0{:016x}", number(instance))
}

/// `AttachmentId`.
pub(super) fn attachment_id(instance: &Instance) -> String {
    format!("eni-attach-0{:016x}", mixed(number(instance)))
}

/// `MacAddress`.
pub(super) fn mac_address(instance: &Instance) -> String {
    let bytes = number(instance).to_be_bytes();
    format!("0a:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4])
}

/// `groupSet`. Names other than the default group's are in `DescribeSecurityGroups` only.
pub(super) fn write_groups(xml: &mut Xml, place: &Place, instance: &Instance) {
    let default = default_security_group(place.account, &place.region);
    xml.list("groupSet", "item", place.group_ids(instance), |xml, group| {
        if group == default {
            xml.text("groupName", "default");
        }
        xml.text("groupId", group);
    });
}

/// The members of `InstanceNetworkInterface`, or of `NetworkInterface`, which names its instance.
pub(crate) fn write_interface(xml: &mut Xml, place: &Place, instance: &Instance, names_instance: bool) {
    let is_pending = instance.shown_state(place.now) == ShownState::Pending;
    xml.text("networkInterfaceId", interface_id(instance));
    xml.text("subnetId", place.subnet(instance));
    xml.text("vpcId", default_vpc(place.account, &place.region));
    xml.text("description", "");
    xml.value("ownerId", place.account);
    xml.text("status", "in-use");
    xml.text("macAddress", mac_address(instance));
    xml.text("privateIpAddress", &instance.private_ip);
    xml.text("privateDnsName", place.private_dns(instance));
    xml.value("sourceDestCheck", instance.settings.source_dest_check);
    write_groups(xml, place, instance);
    xml.element("attachment", |xml| {
        xml.text("attachmentId", attachment_id(instance));
        if names_instance {
            xml.text("instanceId", &instance.id);
            xml.value("instanceOwnerId", place.account);
        }
        xml.value("deviceIndex", 0);
        xml.text("status", if is_pending { "attaching" } else { "attached" });
        xml.time("attachTime", instance.first_launched_at());
        xml.value("deleteOnTermination", true);
        xml.value("networkCardIndex", 0);
    });
    xml.list("privateIpAddressesSet", "item", [instance], |xml, instance| {
        xml.text("privateIpAddress", &instance.private_ip);
        xml.text("privateDnsName", place.private_dns(instance));
        xml.value("primary", true);
    });
    xml.text("interfaceType", "interface");
}
