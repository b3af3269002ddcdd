//! EC2 `DescribeInstanceTypes` and `DescribeInstanceTypeOfferings`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Region, Tags};

use crate::filter::{Filter, Filters};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{INSTANCE_TYPES, InstanceType, zone_id, zones};
use crate::{Fault, World};

const TYPE_FILTERS: &[&str] = &[
    "bare-metal",
    "burstable-performance-supported",
    "current-generation",
    "free-tier-eligible",
    "hypervisor",
    "instance-storage-supported",
    "instance-type",
    "memory-info.size-in-mib",
    "network-info.network-performance",
    "processor-info.supported-architecture",
    "supported-boot-mode",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-cores",
    "vcpu-info.default-threads-per-core",
    "vcpu-info.default-vcpus",
];

pub(crate) struct DescribeInstanceTypes;

pub(crate) struct DescribeInstanceTypesInput {
    names: Vec<String>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeInstanceTypesOutput {
    types: Vec<&'static InstanceType>,
    next_token: Option<String>,
}

impl Op for DescribeInstanceTypes {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceTypes");
    type Input = DescribeInstanceTypesInput;
    type Output = DescribeInstanceTypesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let names = params.texts("InstanceType")?;
        let limit = page::limit("MaxResults", params.integer("MaxResults")?, 5..=100)?;
        if !names.is_empty() && limit.is_some() {
            let message = "The parameter InstanceTypes cannot be used with the parameter MaxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeInstanceTypesInput {
            names,
            filters: Filters::decode(params, TYPE_FILTERS)?,
            limit: limit.or(Some(100)),
            token: params.string("NextToken"),
        })
    }

    fn run(_: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let is_known = |name: &String| INSTANCE_TYPES.iter().any(|kind| kind.name == name);
        let unknown: Vec<String> =
            input.names.iter().filter(|name| !is_known(name)).map(|name| name.chars().take(60).collect()).collect();
        if !unknown.is_empty() {
            let message = format!("The following supplied instance types do not exist: [{}]", unknown.join(", "));
            return Err(Fault::new("InvalidInstanceType", message));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let later = INSTANCE_TYPES
            .iter()
            .filter(|kind| after.as_deref().is_none_or(|after| kind.name > after))
            .map(|kind| (kind.name, kind));
        let page = page::fill(later, input.limit, |name, kind| {
            let is_asked_for = input.names.is_empty() || input.names.iter().any(|wanted| wanted == name);
            let takes = |name: &str, filter: &Filter| matches(kind, name, filter);
            (is_asked_for && input.filters.matches(&Tags::default(), takes)).then_some(kind)
        });
        let next_token = page.next.map(|name| page::token_after(ctx, Self::SPEC.name, name));
        Ok(DescribeInstanceTypesOutput { types: page.items, next_token })
    }
}

fn hypervisor(kind: &InstanceType) -> &'static str {
    if kind.is_xen() { "xen" } else { "nitro" }
}

fn boot_modes(kind: &InstanceType) -> &'static [&'static str] {
    match (kind.architectures(), kind.is_xen()) {
        (["arm64"], _) => &["uefi"],
        (_, true) => &["legacy-bios"],
        _ => &["legacy-bios", "uefi"],
    }
}

fn is_free(kind: &InstanceType) -> bool {
    ["t2.micro", "t3.micro"].contains(&kind.name)
}

fn matches(kind: &InstanceType, name: &str, filter: &Filter) -> bool {
    match name {
        "bare-metal" => filter.takes("false"),
        "burstable-performance-supported" => filter.takes_value(kind.is_burstable()),
        "current-generation" => filter.takes_value(kind.is_current()),
        "free-tier-eligible" => filter.takes_value(is_free(kind)),
        "hypervisor" => filter.takes(hypervisor(kind)),
        "instance-storage-supported" => filter.takes_value(kind.storage_gb > 0),
        "instance-type" => filter.takes(kind.name),
        "memory-info.size-in-mib" => filter.takes_value(kind.memory_mib),
        "network-info.network-performance" => filter.takes(kind.network),
        "processor-info.supported-architecture" => kind.architectures().iter().any(|name| filter.takes(name)),
        "supported-boot-mode" => boot_modes(kind).iter().any(|mode| filter.takes(mode)),
        "supported-root-device-type" => filter.takes("ebs"),
        "supported-usage-class" => filter.takes("on-demand") || filter.takes("spot"),
        "supported-virtualization-type" => filter.takes("hvm"),
        "vcpu-info.default-cores" => filter.takes_value(kind.vcpus / kind.threads_per_core()),
        "vcpu-info.default-threads-per-core" => filter.takes_value(kind.threads_per_core()),
        _ => filter.takes_value(kind.vcpus),
    }
}

impl Encode for DescribeInstanceTypesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("instanceTypeSet", "item", &self.types, |xml, kind| write_type(xml, kind));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

fn write_type(xml: &mut Xml, kind: &InstanceType) {
    xml.text("instanceType", kind.name);
    xml.value("currentGeneration", kind.is_current());
    xml.value("freeTierEligible", is_free(kind));
    xml.texts("supportedUsageClasses", "item", ["on-demand", "spot"]);
    xml.texts("supportedRootDeviceTypes", "item", ["ebs"]);
    xml.texts("supportedVirtualizationTypes", "item", ["hvm"]);
    xml.value("bareMetal", false);
    xml.text("hypervisor", hypervisor(kind));
    xml.element("processorInfo", |xml| xml.texts("supportedArchitectures", "item", kind.architectures()));
    xml.element("vCpuInfo", |xml| {
        xml.value("defaultVCpus", kind.vcpus);
        xml.value("defaultCores", kind.vcpus / kind.threads_per_core());
        xml.value("defaultThreadsPerCore", kind.threads_per_core());
    });
    xml.element("memoryInfo", |xml| xml.value("sizeInMiB", kind.memory_mib));
    xml.value("instanceStorageSupported", kind.storage_gb > 0);
    if kind.storage_gb > 0 {
        xml.element("instanceStorageInfo", |xml| xml.value("totalSizeInGB", kind.storage_gb));
    }
    xml.element("ebsInfo", |xml| {
        xml.text("encryptionSupport", "supported");
        xml.text("nvmeSupport", if kind.is_xen() { "unsupported" } else { "required" });
    });
    xml.element("networkInfo", |xml| {
        xml.text("networkPerformance", kind.network);
        xml.text("enaSupport", if kind.is_xen() { "unsupported" } else { "required" });
    });
    xml.value("burstablePerformanceSupported", kind.is_burstable());
    xml.texts("supportedBootModes", "item", boot_modes(kind));
}

pub(crate) struct DescribeInstanceTypeOfferings;

pub(crate) struct DescribeInstanceTypeOfferingsInput {
    location_type: String,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeInstanceTypeOfferingsOutput {
    location_type: String,
    offerings: Vec<(&'static str, String)>,
    next_token: Option<String>,
}

/// The places of this kind in the Region.
fn locations(region: &Region, location_type: &str) -> Vec<String> {
    match location_type {
        "availability-zone" => zones(region).to_vec(),
        "availability-zone-id" => zones(region).iter().map(|zone| zone_id(region, zone)).collect(),
        "outpost" => Vec::new(),
        _ => vec![region.to_string()],
    }
}

impl Op for DescribeInstanceTypeOfferings {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceTypeOfferings");
    type Input = DescribeInstanceTypeOfferingsInput;
    type Output = DescribeInstanceTypeOfferingsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let location_type = params.string("LocationType").unwrap_or_else(|| "region".to_owned());
        if !["region", "availability-zone", "availability-zone-id", "outpost"].contains(&location_type.as_str()) {
            return Err(Fault::invalid_value("LocationType", &location_type));
        }
        Ok(DescribeInstanceTypeOfferingsInput {
            location_type,
            filters: Filters::decode(params, &["instance-type", "location"])?,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 5..=1000)?.or(Some(1000)),
            token: params.string("NextToken"),
        })
    }

    fn run(_: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let locations = locations(&ctx.region, &input.location_type);
        let offerings = INSTANCE_TYPES.iter().flat_map(|kind| {
            locations.iter().map(move |location| (format!("{}/{location}", kind.name), (kind.name, location.clone())))
        });
        let later = offerings.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let page = page::fill(later, input.limit, |_, (kind, location)| {
            let takes = input.filters.matches(&Tags::default(), |name, filter| match name {
                "instance-type" => filter.takes(kind),
                _ => filter.takes(&location),
            });
            takes.then_some((kind, location))
        });
        let next_token = page.next.map(|key| page::token_after(ctx, Self::SPEC.name, &key));
        Ok(DescribeInstanceTypeOfferingsOutput {
            location_type: input.location_type,
            offerings: page.items,
            next_token,
        })
    }
}

impl Encode for DescribeInstanceTypeOfferingsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("instanceTypeOfferingSet", "item", &self.offerings, |xml, (kind, location)| {
            xml.text("instanceType", kind);
            xml.text("locationType", &self.location_type);
            xml.text("location", location);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
