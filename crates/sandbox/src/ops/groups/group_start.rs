//! What a group starts its next instance from.

use compact_str::{CompactString, format_compact};

use crate::ops::Ctx;
use crate::ops::instances::launch_spec::{LaunchSpec, of_configuration, spot_market};
use crate::ops::instances::prepare::{Prepared, prepare};
use crate::ops::templates::template_lookup::{TemplateName, TemplateRef, template_version};
use crate::wire::Params;
use crate::world::{GroupInstance, GroupTemplate, MixedInstances, TemplateOverride};
use crate::{Fault, World};

/// What a group starts instances from: one of the three is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct LaunchSource {
    pub(crate) launch_configuration: Option<CompactString>,
    pub(crate) template: Option<GroupTemplate>,
    pub(crate) mixed: Option<MixedInstances>,
}

/// What the next instance is started from.
pub(crate) struct Start {
    pub(crate) prepared: Prepared,
    pub(crate) launch_configuration: Option<CompactString>,
    pub(crate) template: Option<GroupTemplate>,
    pub(crate) weight: u32,
}

/// What the next instance is started from, in this zone; of a mixed group as a Spot Instance or not. Of several overrides
/// the first one that can be started is taken.
pub(crate) fn start(
    world: &World,
    ctx: &Ctx,
    source: &LaunchSource,
    zone: Option<&CompactString>,
    is_spot: bool,
) -> Result<Start, Fault> {
    let in_zone = |mut spec: LaunchSpec| {
        if spec.settings.subnet.is_none() {
            spec.zone = spec.zone.or_else(|| zone.cloned());
        }
        prepare(world, ctx, spec, 1)
    };
    if let Some(name) = &source.launch_configuration {
        let scope = world.scope(ctx.account, &ctx.region);
        let configuration = scope.and_then(|scope| scope.configurations.get(name)).ok_or_else(|| {
            Fault::validation(format!("Launch configuration name not found - Launch configuration {name} not found"))
        })?;
        let mut data = of_configuration(&configuration.request)?;
        data.set("ImageId", &configuration.image);
        data.set("InstanceType", &configuration.instance_type);
        let prepared = in_zone(LaunchSpec::decode(&data)?)?;
        return Ok(Start { prepared, launch_configuration: Some(name.clone()), template: None, weight: 1 });
    }
    let Some(mixed) = &source.mixed else {
        let template = source.template.as_ref().ok_or_else(|| Fault::validation("The group starts nothing."))?;
        let (data, numbered) = data_of(world, ctx, template)?;
        let spec = LaunchSpec::decode(&with_default_type(data))?;
        return Ok(Start { prepared: in_zone(spec)?, launch_configuration: None, template: Some(numbered), weight: 1 });
    };
    let none = [TemplateOverride::default()];
    let overrides = if mixed.overrides.is_empty() { &none[..] } else { &mixed.overrides };
    let mut refusal = None;
    for over in overrides {
        let (mut data, numbered) = data_of(world, ctx, over.template.as_ref().unwrap_or(&mixed.template))?;
        for (name, value) in [("InstanceType", &over.instance_type), ("ImageId", &over.image)] {
            if let Some(value) = value {
                data.set(name, value);
            }
        }
        if is_spot {
            data.put("InstanceMarketOptions", spot_market(max_price(mixed).unwrap_or_default()));
        }
        let weight = over.weight.as_ref().and_then(|weight| weight.parse().ok()).unwrap_or(1);
        match LaunchSpec::decode(&with_default_type(data)).and_then(in_zone) {
            Ok(prepared) => {
                return Ok(Start { prepared, launch_configuration: None, template: Some(numbered), weight });
            }
            Err(fault) => refusal = refusal.or(Some(fault)),
        }
    }
    Err(refusal.unwrap_or_else(|| Fault::validation("The group starts nothing.")))
}

fn max_price(mixed: &MixedInstances) -> Option<&str> {
    mixed.distribution.as_ref()?.text("SpotMaxPrice")
}

fn with_default_type(mut data: Params) -> Params {
    if data.string("InstanceType").is_none() {
        data.set("InstanceType", "t3.micro");
    }
    data
}

/// The data of the version that a group means now, and the template with that version's number.
fn data_of(world: &World, ctx: &Ctx, template: &GroupTemplate) -> Result<(Params, GroupTemplate), Fault> {
    let reference = TemplateRef {
        name: TemplateName::Id(template.id.clone()),
        version: template.version.as_ref().map(ToString::to_string),
    };
    let (_, version) = template_version(world, ctx, &reference)?;
    let numbered = GroupTemplate { version: Some(format_compact!("{}", version.number)), ..template.clone() };
    Ok((version.data.0.clone(), numbered))
}

/// Whether an instance of a group was started from what the group would start now.
pub(crate) fn is_current(world: &World, ctx: &Ctx, source: &LaunchSource, instance: &GroupInstance) -> bool {
    if let Some(name) = &source.launch_configuration {
        return instance.launch_configuration.as_ref() == Some(name);
    }
    let Ok(start) = start(world, ctx, source, None, false) else { return false };
    let image = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.instances.get(&instance.id));
    start.template == instance.template && image.is_some_and(|running| running.image == start.prepared.image.id)
}
