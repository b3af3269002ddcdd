//! What `CreateAutoScalingGroup` and `UpdateAutoScalingGroup` say about what a group starts.

use amictl_model::ImageId;
use compact_str::CompactString;

use crate::ops::Ctx;
use crate::ops::instances::launch::resolved_image;
use crate::ops::templates::template_lookup::{TemplateRef, template_version};
use crate::wire::Params;
use crate::world::{GroupTemplate, MixedInstances, TemplateOverride};
use crate::{Fault, World};

/// Where a group's instances come from.
pub(crate) struct LaunchSource {
    pub(crate) launch_configuration: Option<CompactString>,
    pub(crate) template: Option<GroupTemplate>,
    pub(crate) mixed: Option<MixedInstances>,
}

/// Reads where a group's instances come from; `None` when the request says nothing about it.
pub(crate) fn launch_source(world: &World, ctx: &Ctx, params: &Params) -> Result<Option<LaunchSource>, Fault> {
    let configuration = params.string("LaunchConfigurationName");
    let template = params.structure("LaunchTemplate");
    let mixed = params.structure("MixedInstancesPolicy");
    match [configuration.is_some(), template.is_some(), mixed.is_some()].iter().filter(|given| **given).count() {
        0 => return Ok(None),
        1 => {}
        _ => {
            return Err(Fault::validation(
                "Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or \
                 MixedInstancesPolicy parameter.",
            ));
        }
    }
    if let Some(name) = &configuration {
        let scope = world.scope(ctx.account, &ctx.region);
        if !scope.is_some_and(|scope| scope.configurations.contains_key(name.as_str())) {
            return Err(super::launch_configurations::no_configuration(name));
        }
    }
    Ok(Some(LaunchSource {
        launch_configuration: configuration.map(CompactString::from),
        template: template.map(|template| group_template(world, ctx, template)).transpose()?,
        mixed: mixed.map(|mixed| mixed_instances(world, ctx, mixed)).transpose()?,
    }))
}

/// A template as a group names it, with both names filled in.
fn group_template(world: &World, ctx: &Ctx, params: &Params) -> Result<GroupTemplate, Fault> {
    let reference = TemplateRef::decode(params).map_err(as_validation)?;
    let (template, version) = template_version(world, ctx, &reference).map_err(as_validation)?;
    if let Some(image) = version.data.image() {
        let image: ImageId = resolved_image(world, ctx, image).map_err(|fault| as_unusable(&fault))?;
        crate::ops::instances::launch::launchable_image(world, ctx, &image).map_err(|fault| as_unusable(&fault))?;
    }
    Ok(GroupTemplate {
        id: template.id.clone(),
        name: template.name.clone(),
        version: reference.version.map(CompactString::from),
    })
}

fn mixed_instances(world: &World, ctx: &Ctx, params: &Params) -> Result<MixedInstances, Fault> {
    let missing = || Fault::validation("LaunchTemplateSpecification in MixedInstancesPolicy must not be null.");
    let template = params.structure("LaunchTemplate").ok_or_else(missing)?;
    let specification = template.structure("LaunchTemplateSpecification").ok_or_else(missing)?;
    let overrides = template
        .structures("Overrides")?
        .into_iter()
        .map(|over| template_override(world, ctx, over))
        .collect::<Result<_, _>>()?;
    Ok(MixedInstances {
        template: group_template(world, ctx, specification)?,
        overrides,
        distribution: params.structure("InstancesDistribution").cloned(),
    })
}

fn template_override(world: &World, ctx: &Ctx, params: &Params) -> Result<TemplateOverride, Fault> {
    let text = |name: &str| params.string(name).map(CompactString::from);
    let template = params.structure("LaunchTemplateSpecification");
    Ok(TemplateOverride {
        instance_type: text("InstanceType"),
        weight: text("WeightedCapacity"),
        image: text("ImageId"),
        template: template.map(|template| group_template(world, ctx, template)).transpose()?,
        requirements: params.structure("InstanceRequirements").cloned(),
    })
}

fn as_validation(fault: Fault) -> Fault {
    Fault::validation(fault.message)
}

fn as_unusable(fault: &Fault) -> Fault {
    Fault::validation(format!("You must use a valid fully-formed launch template. {}", fault.message))
}
