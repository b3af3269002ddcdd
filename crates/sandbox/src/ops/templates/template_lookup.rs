//! Finding a launch template and a version of it.

use std::sync::Arc;

use compact_str::CompactString;

use crate::ops::Ctx;
use crate::ops::input::resource_id;
use crate::wire::Params;
use crate::world::{Template, TemplateVersion};
use crate::{Fault, World};

/// How a request names a template and perhaps a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateRef {
    pub(crate) name: TemplateName,
    pub(crate) version: Option<String>,
}

/// How a request names a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplateName {
    /// `LaunchTemplateId`.
    Id(CompactString),
    /// `LaunchTemplateName`.
    Name(CompactString),
}

impl TemplateName {
    /// Reads `LaunchTemplateId` or `LaunchTemplateName`, if one of them is there.
    pub(crate) fn decode_optional(params: &Params) -> Result<Option<Self>, Fault> {
        match (params.string("LaunchTemplateId"), params.string("LaunchTemplateName")) {
            (Some(id), None) => {
                resource_id(&id, "lt-", "InvalidLaunchTemplateId.Malformed").map(|id| Some(Self::Id(id)))
            }
            (None, Some(name)) => Ok(Some(Self::Name(name.into()))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Fault::new(
                "InvalidParameterCombination",
                "Either provide launch template ID or launch template name in the request, not both.",
            )),
        }
    }

    /// Reads `LaunchTemplateId` or `LaunchTemplateName`.
    pub(crate) fn decode(params: &Params) -> Result<Self, Fault> {
        Self::decode_optional(params)?.ok_or_else(|| {
            Fault::new(
                "MissingParameter",
                "Either a launch template ID or a launch template name must be specified in the request.",
            )
        })
    }
}

impl TemplateRef {
    /// Reads a `LaunchTemplateSpecification`.
    pub(crate) fn decode(params: &Params) -> Result<Self, Fault> {
        Ok(Self { name: TemplateName::decode(params)?, version: params.string("Version") })
    }
}

/// The caller's template.
pub(crate) fn template(world: &World, ctx: &Ctx, name: &TemplateName) -> Result<Arc<Template>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    match name {
        TemplateName::Id(id) => scope.and_then(|scope| scope.templates.get(id)).map(Arc::clone).ok_or_else(|| {
            let message = format!("The specified launch template, with template ID {id}, does not exist.");
            Fault::new("InvalidLaunchTemplateId.NotFound", message)
        }),
        TemplateName::Name(name) => scope
            .and_then(|scope| scope.templates.values().find(|template| template.name == *name))
            .map(Arc::clone)
            .ok_or_else(|| {
                let message = format!("The specified launch template, with template name {name}, does not exist.");
                Fault::new("InvalidLaunchTemplateName.NotFoundException", message)
            }),
    }
}

/// The caller's template and the version that is meant, by default `$Default`.
pub(crate) fn template_version(
    world: &World,
    ctx: &Ctx,
    reference: &TemplateRef,
) -> Result<(Arc<Template>, Arc<TemplateVersion>), Fault> {
    let template = template(world, ctx, &reference.name)?;
    let wanted = reference.version.as_deref().unwrap_or("$Default");
    let version = template.version(wanted).map(Arc::clone).ok_or_else(|| no_version(&template, wanted))?;
    Ok((template, version))
}

/// A version that is not there.
pub(crate) fn no_version(template: &Template, version: &str) -> Fault {
    let version: String = version.chars().take(60).collect();
    Fault::new(
        "InvalidLaunchTemplateId.VersionNotFound",
        format!("Could not find the specified version {version} for the launch template with ID {}.", template.id),
    )
}
