//! What fleets start their instances from: launch templates with overrides, or launch specifications.

use compact_str::CompactString;

use crate::ops::Ctx;
use crate::ops::instances::launch_spec::{over_template, spot_market};
use crate::ops::templates::template_lookup::{TemplateName, TemplateRef, template_version};
use crate::wire::Params;
use crate::world::{Fleet, FleetConfig, GroupTemplate};
use crate::{Fault, World};

/// Capacity that a fleet of the sandbox may have.
const TARGET_MAX: u32 = 1000;

/// One way to start an instance of a fleet.
pub(super) struct Candidate {
    /// The launch template and its version's number, if it is from one.
    pub(super) template: Option<(CompactString, u64)>,
    /// Parameters as `RunInstances` has them.
    pub(super) data: Params,
    pub(super) weight: u32,
    pub(super) origin: (usize, usize),
}

/// Reads `LaunchTemplateConfigs`; what the templates say is looked at when something is started.
pub(super) fn configs(world: &World, ctx: &Ctx, configs: &[&Params]) -> Result<Vec<FleetConfig>, Fault> {
    configs
        .iter()
        .map(|config| {
            let specification = config
                .structure("LaunchTemplateSpecification")
                .ok_or_else(|| Fault::missing("LaunchTemplateSpecification"))?;
            let reference = TemplateRef::decode(specification)?;
            if reference.version.is_none() {
                return Err(Fault::missing("LaunchTemplateSpecification.Version"));
            }
            let (template, _) = template_version(world, ctx, &reference)?;
            let template = GroupTemplate {
                id: template.id.clone(),
                name: template.name.clone(),
                version: reference.version.map(Into::into),
            };
            let overrides = config.structures("Overrides")?.into_iter().cloned().collect();
            Ok(FleetConfig { template, overrides })
        })
        .collect()
}

/// A capacity within its bounds.
pub(super) fn capacity(params: &Params, name: &str) -> Result<Option<u32>, Fault> {
    match params.unsigned(name)? {
        Some(number) if number > TARGET_MAX => Err(Fault::invalid_value(name, &number.to_string())),
        number => Ok(number),
    }
}

/// The ways to start an instance, in the order in which they are tried.
pub(super) fn candidates(world: &World, ctx: &Ctx, fleet: &Fleet, is_spot: bool) -> Result<Vec<Candidate>, Fault> {
    let mut candidates = Vec::new();
    for (at, config) in fleet.configs.iter().enumerate() {
        let reference = TemplateRef {
            name: TemplateName::Id(config.template.id.clone()),
            version: config.template.version.as_ref().map(ToString::to_string),
        };
        let (template, version) = template_version(world, ctx, &reference)?;
        let none = [Params::default()];
        let overrides = if config.overrides.is_empty() { &none[..] } else { &config.overrides };
        let mut ordered: Vec<(usize, &Params)> = overrides.iter().enumerate().collect();
        ordered.sort_by_key(|(_, over)| hundredths(over.text("Priority")).unwrap_or(u32::MAX));
        for (which, over) in ordered {
            candidates.push(Candidate {
                template: Some((template.id.clone(), version.number)),
                data: as_market(over_template(&version.data.0, &of_override(over)), over, is_spot),
                weight: hundredths(over.text("WeightedCapacity"))
                    .map_or(1, |hundredths| hundredths.div_ceil(100).max(1)),
                origin: (at, which),
            });
        }
    }
    for (at, specification) in launch_specifications(&fleet.request)?.into_iter().enumerate() {
        candidates.push(Candidate {
            template: None,
            data: as_market(of_specification(specification), specification, is_spot),
            weight: hundredths(specification.text("WeightedCapacity"))
                .map_or(1, |hundredths| hundredths.div_ceil(100).max(1)),
            origin: (at, 0),
        });
    }
    Ok(candidates)
}

/// `LaunchSpecifications` of a Spot Fleet.
pub(super) fn launch_specifications(request: &Params) -> Result<Vec<&Params>, Fault> {
    request.structures("LaunchSpecifications")
}

/// A number such as `1.5` in hundredths.
fn hundredths(text: Option<&str>) -> Option<u32> {
    let text = text.filter(|text| !text.is_empty())?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = whole.parse().ok()?;
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    Some(whole.saturating_mul(100).saturating_add(part.parse().ok()?))
}

/// An override's parameters where `RunInstances` has them.
fn of_override(over: &Params) -> Params {
    let mut data = Params::default();
    let taken = [
        "InstanceType",
        "ImageId",
        "SubnetId",
        "KeyName",
        "BlockDeviceMapping",
        "IamInstanceProfile",
        "MetadataOptions",
    ];
    for name in taken.iter().chain(&["Placement"]) {
        if let Some(member) = over.structure(name) {
            data.put(name, member.clone());
        }
    }
    if let Some(zone) = over.text("AvailabilityZone").filter(|zone| !zone.is_empty()) {
        let mut placement = over.structure("Placement").cloned().unwrap_or_default();
        placement.set("AvailabilityZone", zone);
        data.put("Placement", placement);
    }
    data
}

/// A launch specification's parameters where `RunInstances` has them.
pub(super) fn of_specification(specification: &Params) -> Params {
    let mut data = specification.clone();
    for (sent, name) in [("NetworkInterfaceSet", "NetworkInterface"), ("TagSpecificationSet", "TagSpecification")] {
        if let Some(member) = specification.structure(sent) {
            data.put(name, member.clone());
        }
    }
    let groups = specification.structures("GroupSet").unwrap_or_default();
    let ids: Vec<String> = groups.into_iter().filter_map(|group| group.string("GroupId")).collect();
    if !ids.is_empty() {
        data.set_all("SecurityGroupId", &ids);
    }
    data
}

/// The same on the market that is asked for.
fn as_market(mut data: Params, over: &Params, is_spot: bool) -> Params {
    if is_spot {
        let price = over.text("MaxPrice").or_else(|| over.text("SpotPrice")).unwrap_or_default();
        data.put("InstanceMarketOptions", spot_market(price));
    } else {
        data.put("InstanceMarketOptions", Params::default());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn weights_are_read_with_and_without_a_point() {
        for (text, number) in [("1", Some(100)), ("1.5", Some(150)), ("0.25", Some(25)), ("x", None), ("-1", None)] {
            assert_eq!(hundredths(Some(text)), number, "{text}");
        }
    }
}
