//! Fleets as EC2 writes them.

use std::sync::Arc;

use amictl_model::Moment;

use crate::ops::templates::template_schema::{
    BLOCK_DEVICE_MAPPING, IAM_INSTANCE_PROFILE_SPECIFICATION, INSTANCE_REQUIREMENTS, Kind, PLACEMENT, Schema, TAG,
    write,
};
use crate::wire::{Params, Xml};
use crate::world::{Fleet, FleetConfig, FleetMember, Instance};

use Kind::{Structure, Structures, Text, TextsIn};

const OVERRIDES: Schema = &[
    ("InstanceType", "instanceType", Text),
    ("MaxPrice", "maxPrice", Text),
    ("SpotPrice", "spotPrice", Text),
    ("SubnetId", "subnetId", Text),
    ("AvailabilityZone", "availabilityZone", Text),
    ("WeightedCapacity", "weightedCapacity", Text),
    ("Priority", "priority", Text),
    ("Placement", "placement", Structure(PLACEMENT)),
    ("InstanceRequirements", "instanceRequirements", Structure(INSTANCE_REQUIREMENTS)),
    ("ImageId", "imageId", Text),
    ("BlockDeviceMapping", "blockDeviceMappingSet", Structures(BLOCK_DEVICE_MAPPING)),
];

const REBALANCE: Schema =
    &[("ReplacementStrategy", "replacementStrategy", Text), ("TerminationDelay", "terminationDelay", Text)];

const MAINTENANCE: Schema = &[("CapacityRebalance", "capacityRebalance", Structure(REBALANCE))];

const SPOT_OPTIONS: Schema = &[
    ("AllocationStrategy", "allocationStrategy", Text),
    ("MaintenanceStrategies", "maintenanceStrategies", Structure(MAINTENANCE)),
    ("InstanceInterruptionBehavior", "instanceInterruptionBehavior", Text),
    ("InstancePoolsToUseCount", "instancePoolsToUseCount", Text),
    ("SingleInstanceType", "singleInstanceType", Text),
    ("SingleAvailabilityZone", "singleAvailabilityZone", Text),
    ("MinTargetCapacity", "minTargetCapacity", Text),
    ("MaxTotalPrice", "maxTotalPrice", Text),
];

const ON_DEMAND_OPTIONS: Schema = &[
    ("AllocationStrategy", "allocationStrategy", Text),
    ("SingleInstanceType", "singleInstanceType", Text),
    ("SingleAvailabilityZone", "singleAvailabilityZone", Text),
    ("MinTargetCapacity", "minTargetCapacity", Text),
    ("MaxTotalPrice", "maxTotalPrice", Text),
];

const FLEET: Schema = &[
    ("ClientToken", "clientToken", Text),
    ("ExcessCapacityTerminationPolicy", "excessCapacityTerminationPolicy", Text),
    ("TerminateInstancesWithExpiration", "terminateInstancesWithExpiration", Text),
    ("ValidFrom", "validFrom", Text),
    ("ValidUntil", "validUntil", Text),
    ("ReplaceUnhealthyInstances", "replaceUnhealthyInstances", Text),
    ("SpotOptions", "spotOptions", Structure(SPOT_OPTIONS)),
    ("OnDemandOptions", "onDemandOptions", Structure(ON_DEMAND_OPTIONS)),
    ("Context", "context", Text),
];

const MONITORING: Schema = &[("Enabled", "enabled", Text)];

const GROUP: Schema = &[("GroupId", "groupId", Text), ("GroupName", "groupName", Text)];

const TAGS: Schema = &[("ResourceType", "resourceType", Text), ("Tag", "tag", Structures(TAG))];

const INTERFACE: Schema = &[
    ("AssociatePublicIpAddress", "associatePublicIpAddress", Text),
    ("DeleteOnTermination", "deleteOnTermination", Text),
    ("Description", "description", Text),
    ("DeviceIndex", "deviceIndex", Text),
    ("SecurityGroupId", "SecurityGroupId", TextsIn("SecurityGroupId")),
    ("InterfaceType", "InterfaceType", Text),
    ("NetworkInterfaceId", "networkInterfaceId", Text),
    ("PrivateIpAddress", "privateIpAddress", Text),
    ("SubnetId", "subnetId", Text),
];

/// `LaunchSpecification` of Spot requests and Spot Fleets.
pub(super) const LAUNCH_SPECIFICATION: Schema = &[
    ("AddressingType", "addressingType", Text),
    ("BlockDeviceMapping", "blockDeviceMapping", Structures(BLOCK_DEVICE_MAPPING)),
    ("EbsOptimized", "ebsOptimized", Text),
    ("IamInstanceProfile", "iamInstanceProfile", Structure(IAM_INSTANCE_PROFILE_SPECIFICATION)),
    ("ImageId", "imageId", Text),
    ("InstanceType", "instanceType", Text),
    ("KernelId", "kernelId", Text),
    ("KeyName", "keyName", Text),
    ("Monitoring", "monitoring", Structure(MONITORING)),
    ("NetworkInterface", "networkInterfaceSet", Structures(INTERFACE)),
    ("NetworkInterfaceSet", "networkInterfaceSet", Structures(INTERFACE)),
    ("Placement", "placement", Structure(PLACEMENT)),
    ("RamdiskId", "ramdiskId", Text),
    ("SubnetId", "subnetId", Text),
    ("UserData", "userData", Text),
    ("GroupSet", "groupSet", Structures(GROUP)),
];

const FLEET_SPECIFICATION: Schema = &[
    ("SpotPrice", "spotPrice", Text),
    ("WeightedCapacity", "weightedCapacity", Text),
    ("TagSpecificationSet", "tagSpecificationSet", Structures(TAGS)),
    ("InstanceRequirements", "instanceRequirements", Structure(INSTANCE_REQUIREMENTS)),
];

const SPOT_FLEET: Schema = &[
    ("AllocationStrategy", "allocationStrategy", Text),
    ("OnDemandAllocationStrategy", "onDemandAllocationStrategy", Text),
    ("ClientToken", "clientToken", Text),
    ("ExcessCapacityTerminationPolicy", "excessCapacityTerminationPolicy", Text),
    ("IamFleetRole", "iamFleetRole", Text),
    ("SpotPrice", "spotPrice", Text),
    ("OnDemandMaxTotalPrice", "onDemandMaxTotalPrice", Text),
    ("SpotMaxTotalPrice", "spotMaxTotalPrice", Text),
    ("TerminateInstancesWithExpiration", "terminateInstancesWithExpiration", Text),
    ("ValidFrom", "validFrom", Text),
    ("ValidUntil", "validUntil", Text),
    ("ReplaceUnhealthyInstances", "replaceUnhealthyInstances", Text),
    ("InstanceInterruptionBehavior", "instanceInterruptionBehavior", Text),
    ("InstancePoolsToUseCount", "instancePoolsToUseCount", Text),
    ("Context", "context", Text),
    ("TargetCapacityUnitType", "targetCapacityUnitType", Text),
];

fn write_template(xml: &mut Xml, config: &FleetConfig) {
    xml.element("launchTemplateSpecification", |xml| {
        xml.text("launchTemplateId", &config.template.id);
        xml.text("launchTemplateName", &config.template.name);
        xml.optional("version", config.template.version.as_ref());
    });
}

/// `LaunchTemplateConfigs`.
fn write_configs(xml: &mut Xml, fleet: &Fleet) {
    xml.list("launchTemplateConfigs", "item", &fleet.configs, |xml, config| {
        write_template(xml, config);
        xml.list("overrides", "item", &config.overrides, |xml, over| write(xml, over, OVERRIDES));
    });
}

/// `LaunchTemplateAndOverrides` that something was started from.
fn write_origin(xml: &mut Xml, fleet: &Fleet, (config, over): (usize, usize)) {
    let Some(config) = fleet.configs.get(config) else { return };
    xml.element("launchTemplateAndOverrides", |xml| {
        write_template(xml, config);
        let over = config.overrides.get(over).cloned().unwrap_or_default();
        xml.element("overrides", |xml| write(xml, &over, OVERRIDES));
    });
}

fn lifecycle(is_spot: bool) -> &'static str {
    if is_spot { "spot" } else { "on-demand" }
}

/// `Errors`.
pub(super) fn write_errors(xml: &mut Xml, fleet: &Fleet) {
    xml.list("errorSet", "item", &fleet.errors, |xml, error| {
        write_origin(xml, fleet, error.origin);
        xml.text("lifecycle", lifecycle(error.is_spot));
        xml.text("errorCode", &error.code);
        xml.text("errorMessage", &error.message);
    });
}

/// `Instances`: those that were started from the same are one entry.
pub(super) fn write_fleet_instances(xml: &mut Xml, fleet: &Fleet, instances: &[Arc<Instance>]) {
    let mut entries: Vec<((bool, (usize, usize)), Vec<&FleetMember>)> = Vec::new();
    for member in &fleet.members {
        let key = (member.is_spot, member.origin);
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(member),
            None => entries.push((key, vec![member])),
        }
    }
    xml.list("fleetInstanceSet", "item", entries, |xml, ((is_spot, origin), members)| {
        write_origin(xml, fleet, origin);
        xml.text("lifecycle", lifecycle(is_spot));
        xml.texts("instanceIds", "item", members.iter().map(|member| &member.instance));
        let instance = members.iter().find_map(|member| instances.iter().find(|known| known.id == member.instance));
        if let Some(instance) = instance {
            xml.text("instanceType", &instance.instance_type);
            xml.optional("platform", instance.settings.traits.platform.as_ref());
        }
    });
}

/// The members of `FleetData`.
pub(super) fn write_fleet(
    xml: &mut Xml,
    fleet: &Fleet,
    (all, on_demand): (u32, u32),
    instances: &[Arc<Instance>],
    now: Moment,
) {
    xml.text("activityStatus", fleet.activity(now, all));
    xml.time("createTime", fleet.created_at);
    xml.text("fleetId", &fleet.id);
    xml.text("fleetState", fleet.state(now));
    xml.value("fulfilledCapacity", format!("{all}.0"));
    xml.value("fulfilledOnDemandCapacity", format!("{on_demand}.0"));
    write_configs(xml, fleet);
    let sent = fleet.request.structure("TargetCapacitySpecification");
    xml.element("targetCapacitySpecification", |xml| {
        xml.value("totalTargetCapacity", fleet.target);
        xml.value("onDemandTargetCapacity", fleet.on_demand);
        xml.value("spotTargetCapacity", fleet.target.saturating_sub(fleet.on_demand));
        let text = |name: &str| sent.and_then(|sent| sent.text(name)).filter(|text| !text.is_empty());
        xml.text("defaultTargetCapacityType", text("DefaultTargetCapacityType").unwrap_or("on-demand"));
        xml.optional("targetCapacityUnitType", text("TargetCapacityUnitType"));
    });
    xml.text("type", &fleet.kind);
    write(xml, &fleet.request, FLEET);
    xml.tag_set(&fleet.tags);
    if fleet.kind == "instant" {
        write_errors(xml, fleet);
        write_fleet_instances(xml, fleet, instances);
    }
}

/// The members of `SpotFleetRequestConfig`.
pub(super) fn write_spot_fleet(xml: &mut Xml, fleet: &Fleet, (all, on_demand): (u32, u32), now: Moment) {
    xml.text("activityStatus", fleet.activity(now, all));
    xml.time("createTime", fleet.created_at);
    xml.element("spotFleetRequestConfig", |xml| {
        write(xml, &fleet.request, SPOT_FLEET);
        xml.value("fulfilledCapacity", format!("{all}.0"));
        xml.value("onDemandFulfilledCapacity", format!("{on_demand}.0"));
        let specifications = fleet.request.structures("LaunchSpecifications").unwrap_or_default();
        if !specifications.is_empty() {
            xml.list("launchSpecifications", "item", specifications, |xml, specification: &Params| {
                write(xml, specification, LAUNCH_SPECIFICATION);
                write(xml, specification, FLEET_SPECIFICATION);
            });
        }
        if !fleet.configs.is_empty() {
            write_configs(xml, fleet);
        }
        xml.value("targetCapacity", fleet.target);
        xml.value("onDemandTargetCapacity", fleet.on_demand);
        xml.text("type", &fleet.kind);
    });
    xml.text("spotFleetRequestId", &fleet.id);
    xml.text("spotFleetRequestState", fleet.state(now));
    xml.tag_set(&fleet.tags);
}
