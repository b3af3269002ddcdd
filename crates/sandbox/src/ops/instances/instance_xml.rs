//! Instances and reservations as EC2 writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_model::{AccountId, Region};

use crate::wire::Xml;
use crate::world::{Instance, InstanceState, default_subnet, default_vpc};

/// Whose instances are written, and where they are.
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
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
    xml.list("instancesSet", "item", instances, |xml, instance| write_instance(xml, place, instance));
}

fn write_instance(xml: &mut Xml, place: &Place, instance: &Instance) {
    xml.text("instanceId", &instance.id);
    xml.text("imageId", &instance.image);
    write_state(xml, "instanceState", instance.state);
    xml.text("privateDnsName", format!("ip-{}.ec2.internal", instance.private_ip.replace('.', "-")));
    xml.text("dnsName", "");
    xml.text("reason", if instance.state == InstanceState::Running { "" } else { "User initiated" });
    xml.optional("keyName", instance.key_name.as_ref());
    xml.value("amiLaunchIndex", instance.launch_index);
    xml.text("instanceType", &instance.instance_type);
    xml.time("launchTime", instance.launched_at);
    xml.element("placement", |xml| {
        xml.text("availabilityZone", &instance.zone);
        xml.text("groupName", "");
        xml.text("tenancy", "default");
    });
    xml.element("monitoring", |xml| xml.text("state", "disabled"));
    if instance.state != InstanceState::Terminated {
        xml.text("subnetId", default_subnet(place.account, &instance.zone));
        xml.text("vpcId", default_vpc(place.account, &place.region));
        xml.text("privateIpAddress", &instance.private_ip);
    }
    xml.text("architecture", &instance.architecture);
    xml.optional("rootDeviceName", instance.root_device_name.as_ref());
    xml.text("rootDeviceType", if instance.root_device_name.is_some() { "ebs" } else { "instance-store" });
    xml.list("blockDeviceMapping", "item", &instance.devices, |xml, device| {
        xml.text("deviceName", &device.name);
        xml.element("ebs", |xml| {
            xml.text("volumeId", &device.volume);
            xml.text("status", "attached");
            xml.time("attachTime", instance.launched_at);
            xml.value("deleteOnTermination", device.delete_on_termination);
        });
    });
    xml.text("virtualizationType", "hvm");
    xml.text("hypervisor", "xen");
    xml.tag_set(&instance.tags);
    if let Some(principal) = &instance.hidden_for {
        xml.element("operator", |xml| {
            xml.value("managed", true);
            xml.text("principal", principal);
            xml.value("hiddenByDefault", true);
        });
    }
}

/// An `InstanceState`.
pub(crate) fn write_state(xml: &mut Xml, name: &str, state: InstanceState) {
    xml.element(name, |xml| {
        xml.value("code", state.code());
        xml.text("name", state.as_str());
    });
}
