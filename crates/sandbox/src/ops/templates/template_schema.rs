//! The members of `LaunchTemplateData`: their names in a request, their names in a reply, and their kinds.
//!
//! After the botocore model's `RequestLaunchTemplateData` and `ResponseLaunchTemplateData`.

use self::Kind::{Structure, Structures, Text, Texts};
use crate::wire::{Params, Xml};

/// Members of a structure: name in requests, name in replies, kind.
pub(crate) type Schema = &'static [(&'static str, &'static str, Kind)];

/// What a member is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A text, a number or a boolean.
    Text,
    /// A list of texts.
    Texts,
    /// A structure.
    Structure(Schema),
    /// A list of structures.
    Structures(Schema),
}

/// Writes what was sent, by the names of replies; what the schema does not know is left out.
pub(crate) fn write_template_data(xml: &mut Xml, params: &Params) {
    write(xml, params, DATA);
}

fn write(xml: &mut Xml, params: &Params, schema: Schema) {
    for (sent, answered, kind) in schema {
        let Some(member) = params.structure(sent) else { continue };
        match kind {
            Text => xml.optional(answered, member.value()),
            Texts => xml.texts(answered, "item", params.texts(sent).unwrap_or_default()),
            Structure(schema) => xml.element(answered, |xml| write(xml, member, schema)),
            Structures(schema) => {
                let members = params.structures(sent).unwrap_or_default();
                xml.list(answered, "item", members, |xml, member| write(xml, member, schema));
            }
        }
    }
}

const IAM_INSTANCE_PROFILE_SPECIFICATION: Schema = &[("Arn", "arn", Text), ("Name", "name", Text)];

const EBS_BLOCK_DEVICE: Schema = &[
    ("Encrypted", "encrypted", Text),
    ("DeleteOnTermination", "deleteOnTermination", Text),
    ("Iops", "iops", Text),
    ("KmsKeyId", "kmsKeyId", Text),
    ("SnapshotId", "snapshotId", Text),
    ("VolumeSize", "volumeSize", Text),
    ("VolumeType", "volumeType", Text),
    ("Throughput", "throughput", Text),
    ("VolumeInitializationRate", "volumeInitializationRate", Text),
    ("EbsCardIndex", "ebsCardIndex", Text),
];

const BLOCK_DEVICE_MAPPING: Schema = &[
    ("DeviceName", "deviceName", Text),
    ("VirtualName", "virtualName", Text),
    ("Ebs", "ebs", Structure(EBS_BLOCK_DEVICE)),
    ("NoDevice", "noDevice", Text),
];

const INSTANCE_IPV6_ADDRESS: Schema = &[("Ipv6Address", "ipv6Address", Text)];

const PRIVATE_IP_ADDRESS_SPECIFICATION: Schema =
    &[("Primary", "primary", Text), ("PrivateIpAddress", "privateIpAddress", Text)];

const IPV4_PREFIX_SPECIFICATION: Schema = &[("Ipv4Prefix", "ipv4Prefix", Text)];

const IPV6_PREFIX_SPECIFICATION: Schema = &[("Ipv6Prefix", "ipv6Prefix", Text)];

const ENA_SRD_UDP_SPECIFICATION: Schema = &[("EnaSrdUdpEnabled", "enaSrdUdpEnabled", Text)];

const ENA_SRD_SPECIFICATION: Schema = &[
    ("EnaSrdEnabled", "enaSrdEnabled", Text),
    ("EnaSrdUdpSpecification", "enaSrdUdpSpecification", Structure(ENA_SRD_UDP_SPECIFICATION)),
];

const CONNECTION_TRACKING_SPECIFICATION: Schema = &[
    ("TcpEstablishedTimeout", "tcpEstablishedTimeout", Text),
    ("UdpStreamTimeout", "udpStreamTimeout", Text),
    ("UdpTimeout", "udpTimeout", Text),
];

const INSTANCE_NETWORK_INTERFACE_SPECIFICATION: Schema = &[
    ("AssociateCarrierIpAddress", "associateCarrierIpAddress", Text),
    ("AssociatePublicIpAddress", "associatePublicIpAddress", Text),
    ("DeleteOnTermination", "deleteOnTermination", Text),
    ("Description", "description", Text),
    ("DeviceIndex", "deviceIndex", Text),
    ("SecurityGroupId", "groupSet", Texts),
    ("InterfaceType", "interfaceType", Text),
    ("Ipv6AddressCount", "ipv6AddressCount", Text),
    ("Ipv6Addresses", "ipv6AddressesSet", Structures(INSTANCE_IPV6_ADDRESS)),
    ("NetworkInterfaceId", "networkInterfaceId", Text),
    ("PrivateIpAddress", "privateIpAddress", Text),
    ("PrivateIpAddresses", "privateIpAddressesSet", Structures(PRIVATE_IP_ADDRESS_SPECIFICATION)),
    ("SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount", Text),
    ("SubnetId", "subnetId", Text),
    ("NetworkCardIndex", "networkCardIndex", Text),
    ("Ipv4Prefix", "ipv4PrefixSet", Structures(IPV4_PREFIX_SPECIFICATION)),
    ("Ipv4PrefixCount", "ipv4PrefixCount", Text),
    ("Ipv6Prefix", "ipv6PrefixSet", Structures(IPV6_PREFIX_SPECIFICATION)),
    ("Ipv6PrefixCount", "ipv6PrefixCount", Text),
    ("PrimaryIpv6", "primaryIpv6", Text),
    ("EnaSrdSpecification", "enaSrdSpecification", Structure(ENA_SRD_SPECIFICATION)),
    (
        "ConnectionTrackingSpecification",
        "connectionTrackingSpecification",
        Structure(CONNECTION_TRACKING_SPECIFICATION),
    ),
    ("EnaQueueCount", "enaQueueCount", Text),
];

const LAUNCH_TEMPLATES_MONITORING: Schema =
    &[("Enabled", "enabled", Text), ("MetricCategoryId", "metricCategoryIdSet", Texts)];

const PLACEMENT: Schema = &[
    ("AvailabilityZone", "availabilityZone", Text),
    ("AvailabilityZoneId", "availabilityZoneId", Text),
    ("Affinity", "affinity", Text),
    ("GroupName", "groupName", Text),
    ("HostId", "hostId", Text),
    ("Tenancy", "tenancy", Text),
    ("SpreadDomain", "spreadDomain", Text),
    ("HostResourceGroupArn", "hostResourceGroupArn", Text),
    ("PartitionNumber", "partitionNumber", Text),
    ("GroupId", "groupId", Text),
];

const TAG: Schema = &[("Key", "key", Text), ("Value", "value", Text)];

const TAG_SPECIFICATION: Schema = &[("ResourceType", "resourceType", Text), ("Tag", "tagSet", Structures(TAG))];

const ELASTIC_GPU_SPECIFICATION: Schema = &[("Type", "type", Text)];

const ELASTIC_INFERENCE_ACCELERATOR: Schema = &[("Type", "type", Text), ("Count", "count", Text)];

const SPOT_MARKET_OPTIONS: Schema = &[
    ("MaxPrice", "maxPrice", Text),
    ("SpotInstanceType", "spotInstanceType", Text),
    ("BlockDurationMinutes", "blockDurationMinutes", Text),
    ("ValidUntil", "validUntil", Text),
    ("InstanceInterruptionBehavior", "instanceInterruptionBehavior", Text),
];

const INSTANCE_MARKET_OPTIONS: Schema =
    &[("MarketType", "marketType", Text), ("SpotOptions", "spotOptions", Structure(SPOT_MARKET_OPTIONS))];

const CREDIT_SPECIFICATION: Schema = &[("CpuCredits", "cpuCredits", Text)];

const CPU_OPTIONS: Schema = &[
    ("CoreCount", "coreCount", Text),
    ("ThreadsPerCore", "threadsPerCore", Text),
    ("AmdSevSnp", "amdSevSnp", Text),
    ("NestedVirtualization", "nestedVirtualization", Text),
];

const CAPACITY_RESERVATION_TARGET: Schema = &[
    ("CapacityReservationId", "capacityReservationId", Text),
    ("CapacityReservationResourceGroupArn", "capacityReservationResourceGroupArn", Text),
];

const CAPACITY_RESERVATION_SPECIFICATION: Schema = &[
    ("CapacityReservationPreference", "capacityReservationPreference", Text),
    ("CapacityReservationTarget", "capacityReservationTarget", Structure(CAPACITY_RESERVATION_TARGET)),
];

const LICENSE_CONFIGURATION: Schema = &[("LicenseConfigurationArn", "licenseConfigurationArn", Text)];

const HIBERNATION_OPTIONS: Schema = &[("Configured", "configured", Text)];

const INSTANCE_METADATA_OPTIONS: Schema = &[
    ("HttpTokens", "httpTokens", Text),
    ("HttpPutResponseHopLimit", "httpPutResponseHopLimit", Text),
    ("HttpEndpoint", "httpEndpoint", Text),
    ("HttpProtocolIpv6", "httpProtocolIpv6", Text),
    ("InstanceMetadataTags", "instanceMetadataTags", Text),
];

const ENCLAVE_OPTIONS: Schema = &[("Enabled", "enabled", Text)];

const V_CPU_COUNT_RANGE: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const MEMORY_MIB: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const MEMORY_GIB_PERV_CPU: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const NETWORK_INTERFACE_COUNT: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const TOTAL_LOCAL_STORAGEGB: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const BASELINE_EBS_BANDWIDTH_MBPS: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const ACCELERATOR_COUNT: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const ACCELERATOR_TOTAL_MEMORY_MIB: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const NETWORK_BANDWIDTH_GBPS: Schema = &[("Min", "min", Text), ("Max", "max", Text)];

const PERFORMANCE_FACTOR_REFERENCE: Schema = &[("InstanceFamily", "instanceFamily", Text)];

const CPU_PERFORMANCE_FACTOR: Schema = &[("Reference", "referenceSet", Structures(PERFORMANCE_FACTOR_REFERENCE))];

const BASELINE_PERFORMANCE_FACTORS: Schema = &[("Cpu", "cpu", Structure(CPU_PERFORMANCE_FACTOR))];

const INSTANCE_REQUIREMENTS: Schema = &[
    ("VCpuCount", "vCpuCount", Structure(V_CPU_COUNT_RANGE)),
    ("MemoryMiB", "memoryMiB", Structure(MEMORY_MIB)),
    ("CpuManufacturer", "cpuManufacturerSet", Texts),
    ("MemoryGiBPerVCpu", "memoryGiBPerVCpu", Structure(MEMORY_GIB_PERV_CPU)),
    ("ExcludedInstanceType", "excludedInstanceTypeSet", Texts),
    ("InstanceGeneration", "instanceGenerationSet", Texts),
    ("SpotMaxPricePercentageOverLowestPrice", "spotMaxPricePercentageOverLowestPrice", Text),
    ("OnDemandMaxPricePercentageOverLowestPrice", "onDemandMaxPricePercentageOverLowestPrice", Text),
    ("BareMetal", "bareMetal", Text),
    ("BurstablePerformance", "burstablePerformance", Text),
    ("RequireHibernateSupport", "requireHibernateSupport", Text),
    ("NetworkInterfaceCount", "networkInterfaceCount", Structure(NETWORK_INTERFACE_COUNT)),
    ("LocalStorage", "localStorage", Text),
    ("LocalStorageType", "localStorageTypeSet", Texts),
    ("TotalLocalStorageGB", "totalLocalStorageGB", Structure(TOTAL_LOCAL_STORAGEGB)),
    ("BaselineEbsBandwidthMbps", "baselineEbsBandwidthMbps", Structure(BASELINE_EBS_BANDWIDTH_MBPS)),
    ("AcceleratorType", "acceleratorTypeSet", Texts),
    ("AcceleratorCount", "acceleratorCount", Structure(ACCELERATOR_COUNT)),
    ("AcceleratorManufacturer", "acceleratorManufacturerSet", Texts),
    ("AcceleratorName", "acceleratorNameSet", Texts),
    ("AcceleratorTotalMemoryMiB", "acceleratorTotalMemoryMiB", Structure(ACCELERATOR_TOTAL_MEMORY_MIB)),
    ("NetworkBandwidthGbps", "networkBandwidthGbps", Structure(NETWORK_BANDWIDTH_GBPS)),
    ("AllowedInstanceType", "allowedInstanceTypeSet", Texts),
    ("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", "maxSpotPriceAsPercentageOfOptimalOnDemandPrice", Text),
    ("BaselinePerformanceFactors", "baselinePerformanceFactors", Structure(BASELINE_PERFORMANCE_FACTORS)),
    ("RequireEncryptionInTransit", "requireEncryptionInTransit", Text),
];

const PRIVATE_DNS_NAME_OPTIONS: Schema = &[
    ("HostnameType", "hostnameType", Text),
    ("EnableResourceNameDnsARecord", "enableResourceNameDnsARecord", Text),
    ("EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord", Text),
];

const INSTANCE_MAINTENANCE_OPTIONS: Schema = &[("AutoRecovery", "autoRecovery", Text)];

const OPERATOR: Schema = &[("Principal", "principal", Text)];

const NETWORK_PERFORMANCE_OPTIONS: Schema = &[("BandwidthWeighting", "bandwidthWeighting", Text)];

const SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_SPECIFICATION: Schema = &[("PrivateIpAddress", "privateIpAddress", Text)];

const INSTANCE_SECONDARY_INTERFACE_SPECIFICATION: Schema = &[
    ("DeleteOnTermination", "deleteOnTermination", Text),
    ("DeviceIndex", "deviceIndex", Text),
    ("PrivateIpAddress", "privateIpAddressesSet", Structures(SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_SPECIFICATION)),
    ("PrivateIpAddressCount", "privateIpAddressCount", Text),
    ("SecondarySubnetId", "secondarySubnetId", Text),
    ("InterfaceType", "interfaceType", Text),
    ("NetworkCardIndex", "networkCardIndex", Text),
];

const DATA: Schema = &[
    ("KernelId", "kernelId", Text),
    ("EbsOptimized", "ebsOptimized", Text),
    ("IamInstanceProfile", "iamInstanceProfile", Structure(IAM_INSTANCE_PROFILE_SPECIFICATION)),
    ("BlockDeviceMapping", "blockDeviceMappingSet", Structures(BLOCK_DEVICE_MAPPING)),
    ("NetworkInterface", "networkInterfaceSet", Structures(INSTANCE_NETWORK_INTERFACE_SPECIFICATION)),
    ("ImageId", "imageId", Text),
    ("InstanceType", "instanceType", Text),
    ("KeyName", "keyName", Text),
    ("Monitoring", "monitoring", Structure(LAUNCH_TEMPLATES_MONITORING)),
    ("Placement", "placement", Structure(PLACEMENT)),
    ("RamDiskId", "ramDiskId", Text),
    ("DisableApiTermination", "disableApiTermination", Text),
    ("InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", Text),
    ("UserData", "userData", Text),
    ("TagSpecification", "tagSpecificationSet", Structures(TAG_SPECIFICATION)),
    ("ElasticGpuSpecification", "elasticGpuSpecificationSet", Structures(ELASTIC_GPU_SPECIFICATION)),
    ("ElasticInferenceAccelerator", "elasticInferenceAcceleratorSet", Structures(ELASTIC_INFERENCE_ACCELERATOR)),
    ("SecurityGroupId", "securityGroupIdSet", Texts),
    ("SecurityGroup", "securityGroupSet", Texts),
    ("InstanceMarketOptions", "instanceMarketOptions", Structure(INSTANCE_MARKET_OPTIONS)),
    ("CreditSpecification", "creditSpecification", Structure(CREDIT_SPECIFICATION)),
    ("CpuOptions", "cpuOptions", Structure(CPU_OPTIONS)),
    (
        "CapacityReservationSpecification",
        "capacityReservationSpecification",
        Structure(CAPACITY_RESERVATION_SPECIFICATION),
    ),
    ("LicenseSpecification", "licenseSet", Structures(LICENSE_CONFIGURATION)),
    ("HibernationOptions", "hibernationOptions", Structure(HIBERNATION_OPTIONS)),
    ("MetadataOptions", "metadataOptions", Structure(INSTANCE_METADATA_OPTIONS)),
    ("EnclaveOptions", "enclaveOptions", Structure(ENCLAVE_OPTIONS)),
    ("InstanceRequirements", "instanceRequirements", Structure(INSTANCE_REQUIREMENTS)),
    ("PrivateDnsNameOptions", "privateDnsNameOptions", Structure(PRIVATE_DNS_NAME_OPTIONS)),
    ("MaintenanceOptions", "maintenanceOptions", Structure(INSTANCE_MAINTENANCE_OPTIONS)),
    ("DisableApiStop", "disableApiStop", Text),
    ("Operator", "operator", Structure(OPERATOR)),
    ("NetworkPerformanceOptions", "networkPerformanceOptions", Structure(NETWORK_PERFORMANCE_OPTIONS)),
    ("SecondaryInterface", "secondaryInterfaceSet", Structures(INSTANCE_SECONDARY_INTERFACE_SPECIFICATION)),
];
