//! EC2 `ModifyLaunchTemplate`, `DeleteLaunchTemplate` and `DeleteLaunchTemplateVersions`.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::template_lookup::{TemplateName, no_version, template};
use super::template_xml::TemplateReply;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Template;
use crate::{Fault, World};

pub(crate) struct ModifyLaunchTemplate;

pub(crate) struct ModifyLaunchTemplateInput {
    template: TemplateName,
    default_version: String,
}

impl Op for ModifyLaunchTemplate {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyLaunchTemplate");
    type Input = ModifyLaunchTemplateInput;
    type Output = TemplateReply;

    fn decode(params: &Params) -> Result<ModifyLaunchTemplateInput, Fault> {
        Ok(ModifyLaunchTemplateInput {
            template: TemplateName::decode(params)?,
            default_version: params.required("SetDefaultVersion")?.to_owned(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ModifyLaunchTemplateInput) -> Result<TemplateReply, Fault> {
        let mut template = Template::clone(&*template(world, ctx, &input.template)?);
        let number = template.version(&input.default_version).map(|version| version.number);
        template.default_version = number.ok_or_else(|| no_version(&template, &input.default_version))?;
        ctx.commit()?;
        world.scope_mut(ctx.account, &ctx.region).put_template(template.clone());
        Ok(TemplateReply(template))
    }
}

pub(crate) struct DeleteLaunchTemplate;

impl Op for DeleteLaunchTemplate {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteLaunchTemplate");
    type Input = TemplateName;
    type Output = TemplateReply;

    fn decode(params: &Params) -> Result<TemplateName, Fault> {
        TemplateName::decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, name: TemplateName) -> Result<TemplateReply, Fault> {
        let template = Template::clone(&*template(world, ctx, &name)?);
        ctx.commit()?;
        world.scope_mut(ctx.account, &ctx.region).templates.remove(&template.id);
        Ok(TemplateReply(template))
    }
}

pub(crate) struct DeleteLaunchTemplateVersions;

pub(crate) struct DeleteLaunchTemplateVersionsInput {
    template: TemplateName,
    versions: Vec<String>,
}

pub(crate) struct DeleteLaunchTemplateVersionsOutput {
    id: CompactString,
    name: CompactString,
    deleted: Vec<u64>,
    failed: Vec<(u64, Fault)>,
}

impl Op for DeleteLaunchTemplateVersions {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteLaunchTemplateVersions");
    type Input = DeleteLaunchTemplateVersionsInput;
    type Output = DeleteLaunchTemplateVersionsOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let versions = params.texts("LaunchTemplateVersion")?;
        if versions.is_empty() {
            return Err(Fault::missing("LaunchTemplateVersion"));
        }
        Ok(DeleteLaunchTemplateVersionsInput { template: TemplateName::decode(params)?, versions })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let mut template = Template::clone(&*template(world, ctx, &input.template)?);
        let mut output = DeleteLaunchTemplateVersionsOutput {
            id: template.id.clone(),
            name: template.name.clone(),
            deleted: Vec::new(),
            failed: Vec::new(),
        };
        for version in &input.versions {
            let number = version.parse().map_err(|_| Fault::invalid_value("version", version))?;
            if number == template.default_version {
                let message = "Cannot delete the default version of a launch template.";
                output.failed.push((number, Fault::new("launchTemplateVersionIsDefault", message)));
            } else if template.versions.remove(&number).is_some() {
                output.deleted.push(number);
            } else {
                let fault = Fault::new("launchTemplateVersionDoesNotExist", no_version(&template, version).message);
                output.failed.push((number, fault));
            }
        }
        ctx.commit()?;
        world.scope_mut(ctx.account, &ctx.region).put_template(template);
        Ok(output)
    }
}

impl Encode for DeleteLaunchTemplateVersionsOutput {
    fn encode(&self, xml: &mut Xml) {
        let named = |xml: &mut Xml, number: u64| {
            xml.text("launchTemplateId", &self.id);
            xml.text("launchTemplateName", &self.name);
            xml.value("versionNumber", number);
        };
        xml.list("successfullyDeletedLaunchTemplateVersionSet", "item", &self.deleted, |xml, number| {
            named(xml, *number);
        });
        xml.list("unsuccessfullyDeletedLaunchTemplateVersionSet", "item", &self.failed, |xml, (number, fault)| {
            named(xml, *number);
            xml.element("responseError", |xml| {
                xml.text("code", &fault.code);
                xml.text("message", &fault.message);
            });
        });
    }
}
