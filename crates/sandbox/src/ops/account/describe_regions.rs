//! EC2 `DescribeRegions` and `DescribeAvailabilityZones`.

use amictl_cloud::{Operation, OperationSpec, Service, ops};
use amictl_model::Region;

use crate::filter::Filters;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{RegionInfo, zones};
use crate::{Fault, World};

pub(crate) struct DescribeRegions;

#[derive(Default)]
pub(crate) struct DescribeRegionsInput {
    pub(crate) names: Vec<String>,
    pub(crate) all: bool,
    pub(crate) filters: Filters,
}

pub(crate) struct DescribeRegionsOutput {
    pub(crate) regions: Vec<RegionInfo>,
}

impl Op for DescribeRegions {
    const SPEC: OperationSpec = <ops::DescribeRegions as Operation>::SPEC;
    type Input = DescribeRegionsInput;
    type Output = DescribeRegionsOutput;

    fn decode(params: &Params) -> Result<DescribeRegionsInput, Fault> {
        Ok(DescribeRegionsInput {
            names: params.texts("RegionName")?,
            all: params.flag("AllRegions")?,
            filters: Filters::decode(params, &["endpoint", "opt-in-status", "region-name"])?,
        })
    }

    fn run(world: &mut World, _: &Ctx, input: DescribeRegionsInput) -> Result<DescribeRegionsOutput, Fault> {
        let is_known = |name: &String| world.regions().iter().any(|info| info.region.as_str() == name);
        if let Some(unknown) = input.names.iter().find(|name| !is_known(name)) {
            let unknown: String = unknown.chars().take(100).collect();
            return Err(Fault::new("InvalidParameterValue", format!("Invalid region provided: {unknown}")));
        }
        let takes = |info: &&RegionInfo| {
            (input.all || info.is_enabled())
                && (input.names.is_empty() || input.names.iter().any(|name| name == info.region.as_str()))
                && input.filters.matches(&amictl_model::Tags::default(), |name, filter| match name {
                    "endpoint" => filter.takes(&endpoint(&info.region)),
                    "opt-in-status" => filter.takes(info.opt_in_status),
                    _ => filter.takes(info.region.as_str()),
                })
        };
        Ok(DescribeRegionsOutput { regions: world.regions().iter().filter(takes).cloned().collect() })
    }
}

fn endpoint(region: &Region) -> String {
    format!("ec2.{region}.amazonaws.com")
}

impl Encode for DescribeRegionsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("regionInfo", "item", &self.regions, |xml, info| {
            xml.text("optInStatus", info.opt_in_status);
            xml.text("regionName", info.region.as_str());
            xml.text("regionEndpoint", endpoint(&info.region));
        });
    }
}

pub(crate) struct DescribeAvailabilityZones;

pub(crate) struct DescribeAvailabilityZonesInput {
    names: Vec<String>,
    filters: Filters,
}

pub(crate) struct DescribeAvailabilityZonesOutput {
    region: Region,
    zones: Vec<String>,
}

impl Op for DescribeAvailabilityZones {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeAvailabilityZones");
    type Input = DescribeAvailabilityZonesInput;
    type Output = DescribeAvailabilityZonesOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let names = ["group-name", "opt-in-status", "region-name", "state", "zone-name", "zone-type"];
        Ok(DescribeAvailabilityZonesInput {
            names: params.texts("ZoneName")?,
            filters: Filters::decode(params, &names)?,
        })
    }

    fn run(_: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let zones = zones(&ctx.region);
        if let Some(unknown) = input.names.iter().find(|name| !zones.contains(name)) {
            let unknown: String = unknown.chars().take(100).collect();
            return Err(Fault::new("InvalidParameterValue", format!("Invalid availability zone: [{unknown}]")));
        }
        let takes = |zone: &String| {
            (input.names.is_empty() || input.names.contains(zone))
                && input.filters.matches(&amictl_model::Tags::default(), |name, filter| match name {
                    "opt-in-status" => filter.takes("opt-in-not-required"),
                    "state" => filter.takes("available"),
                    "zone-name" => filter.takes(zone),
                    "zone-type" => filter.takes("availability-zone"),
                    _ => filter.takes(ctx.region.as_str()),
                })
        };
        Ok(DescribeAvailabilityZonesOutput {
            region: ctx.region.clone(),
            zones: zones.into_iter().filter(takes).collect(),
        })
    }
}

impl Encode for DescribeAvailabilityZonesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("availabilityZoneInfo", "item", &self.zones, |xml, zone| {
            xml.text("zoneName", zone);
            xml.text("zoneState", "available");
            xml.text("regionName", self.region.as_str());
            xml.text(
                "zoneId",
                format!("{}-az{}", self.region, zone.bytes().last().map_or(1, |letter| letter - b'a' + 1)),
            );
            xml.text("groupName", self.region.as_str());
            xml.text("networkBorderGroup", self.region.as_str());
            xml.text("optInStatus", "opt-in-not-required");
            xml.text("zoneType", "availability-zone");
        });
    }
}
