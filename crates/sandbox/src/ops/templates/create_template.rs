//! EC2 `CreateLaunchTemplate` and `CreateLaunchTemplateVersion`.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;

use super::template_lookup::{TemplateName, no_version, template};
use super::template_xml::{ShownVersion, TemplateReply};
use crate::ops::input::{image_id, tag_specification};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Template, TemplateData, TemplateVersion};
use crate::{Fault, World};

/// Templates that an account may have in a Region.
const TEMPLATES_MAX: usize = 5000;

/// Versions that a template may have.
const VERSIONS_MAX: usize = 10_000;

pub(crate) struct CreateLaunchTemplate;

pub(crate) struct CreateLaunchTemplateInput {
    name: CompactString,
    description: Option<Box<str>>,
    data: Params,
    tags: Tags,
}

impl Op for CreateLaunchTemplate {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateLaunchTemplate");
    type Input = CreateLaunchTemplateInput;
    type Output = TemplateReply;

    fn decode(params: &Params) -> Result<CreateLaunchTemplateInput, Fault> {
        let name = params.required("LaunchTemplateName")?;
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "().-/_".contains(character);
        if !(3..=128).contains(&name.len()) || !name.chars().all(is_allowed) {
            let message = "Launch template names must be between 3 and 128 characters long, and may contain letters, \
                           numbers, and the following characters: - ( ) . / _";
            return Err(Fault::new("InvalidLaunchTemplateName.MalformedException", message));
        }
        Ok(CreateLaunchTemplateInput {
            name: name.into(),
            description: params.string("VersionDescription").map(String::into_boxed_str),
            data: template_data(params)?,
            tags: tag_specification(params, "launch-template")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateLaunchTemplateInput) -> Result<TemplateReply, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if scope.templates().any(|template| template.name == input.name) {
            let message = "Launch template name already in use.";
            return Err(Fault::new("InvalidLaunchTemplateName.AlreadyExistsException", message));
        }
        if scope.templates().len() >= TEMPLATES_MAX {
            let message = format!("The limit of {TEMPLATES_MAX} launch templates in the Region has been reached.");
            return Err(Fault::new("ResourceLimitExceeded", message));
        }
        ctx.commit()?;
        let version = TemplateVersion {
            number: 1,
            description: input.description,
            created_at: ctx.now,
            created_by: ctx.user_arn().into(),
            data: TemplateData(input.data),
        };
        let template = Template {
            id: world.new_id("lt-"),
            name: input.name,
            created_at: ctx.now,
            created_by: ctx.user_arn().into(),
            default_version: 1,
            latest_version: 1,
            versions: BTreeMap::from([(1, Arc::new(version))]),
            hidden_for: None,
            tags: input.tags,
        };
        world.scope_mut(ctx.account, &ctx.region).put_template(template.clone());
        Ok(TemplateReply(template))
    }
}

/// `LaunchTemplateData`, which must be there but may be nearly empty. Image ids may be `resolve:ssm:…`; what else is wrong
/// with the values is said when an instance is started, as AWS does.
fn template_data(params: &Params) -> Result<Params, Fault> {
    let data = params.structure("LaunchTemplateData").cloned().ok_or_else(|| Fault::missing("LaunchTemplateData"))?;
    if let Some(image) = data.string("ImageId").filter(|image| !image.starts_with("resolve:ssm:")) {
        image_id(&image)?;
    }
    Ok(data)
}

pub(crate) struct CreateLaunchTemplateVersion;

pub(crate) struct CreateLaunchTemplateVersionInput {
    template: TemplateName,
    source: Option<String>,
    description: Option<Box<str>>,
    data: Params,
    resolve_alias: bool,
}

pub(crate) struct CreateLaunchTemplateVersionOutput(ShownVersion);

impl Op for CreateLaunchTemplateVersion {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateLaunchTemplateVersion");
    type Input = CreateLaunchTemplateVersionInput;
    type Output = CreateLaunchTemplateVersionOutput;

    fn further_actions(input: &Self::Input) -> Vec<&'static str> {
        if input.resolve_alias { vec!["ssm:GetParameters"] } else { Vec::new() }
    }

    fn decode(params: &Params) -> Result<CreateLaunchTemplateVersionInput, Fault> {
        Ok(CreateLaunchTemplateVersionInput {
            template: TemplateName::decode(params)?,
            source: params.string("SourceVersion"),
            description: params.string("VersionDescription").map(String::into_boxed_str),
            data: template_data(params)?,
            resolve_alias: params.flag("ResolveAlias")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let mut template = Template::clone(&*template(world, ctx, &input.template)?);
        let data = match &input.source {
            Some(source) => {
                let base = template.version(source).ok_or_else(|| no_version(&template, source))?;
                base.data.0.overlaid(&input.data)
            }
            None => input.data,
        };
        if template.versions.len() >= VERSIONS_MAX {
            let message = format!("The limit of {VERSIONS_MAX} versions of the launch template has been reached.");
            return Err(Fault::new("ResourceLimitExceeded", message));
        }
        ctx.commit()?;
        template.latest_version += 1;
        let version = TemplateVersion {
            number: template.latest_version,
            description: input.description,
            created_at: ctx.now,
            created_by: ctx.user_arn().into(),
            data: TemplateData(data),
        };
        let shown = ShownVersion::new(&template, &version);
        let shown = if input.resolve_alias { shown.resolved(world, ctx) } else { shown };
        template.versions.insert(version.number, Arc::new(version));
        world.scope_mut(ctx.account, &ctx.region).put_template(template);
        Ok(CreateLaunchTemplateVersionOutput(shown))
    }
}

impl Encode for CreateLaunchTemplateVersionOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.element("launchTemplateVersion", |xml| self.0.write(xml));
    }
}
