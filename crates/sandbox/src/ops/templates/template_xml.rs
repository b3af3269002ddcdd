//! Launch templates and their versions as EC2 writes them.

use super::template_schema::write_template_data;
use crate::World;
use crate::ops::Ctx;
use crate::wire::{Encode, Xml};
use crate::world::{Template, TemplateVersion};

/// The members of `LaunchTemplate`.
pub(crate) fn write_template(xml: &mut Xml, template: &Template) {
    xml.text("launchTemplateId", &template.id);
    xml.text("launchTemplateName", &template.name);
    xml.time("createTime", template.created_at);
    xml.text("createdBy", &template.created_by);
    xml.value("defaultVersionNumber", template.default_version);
    xml.value("latestVersionNumber", template.latest_version);
    xml.tag_set(&template.tags);
    if let Some(principal) = &template.hidden_for {
        xml.element("operator", |xml| {
            xml.value("managed", true);
            xml.text("principal", principal);
            xml.value("hiddenByDefault", true);
        });
    }
}

/// The reply that shows one template.
pub(crate) struct TemplateReply(pub(crate) Template);

impl Encode for TemplateReply {
    fn encode(&self, xml: &mut Xml) {
        xml.element("launchTemplate", |xml| write_template(xml, &self.0));
    }
}

/// A version with what is written about its template.
#[derive(Debug, Clone)]
pub(crate) struct ShownVersion {
    pub(crate) template_id: compact_str::CompactString,
    pub(crate) template_name: compact_str::CompactString,
    pub(crate) is_default: bool,
    pub(crate) version: TemplateVersion,
}

impl ShownVersion {
    /// A version of a template, as it is.
    pub(crate) fn new(template: &Template, version: &TemplateVersion) -> Self {
        Self {
            template_id: template.id.clone(),
            template_name: template.name.clone(),
            is_default: version.number == template.default_version,
            version: version.clone(),
        }
    }

    /// The same with the image that its `resolve:ssm:…` stands for to the caller.
    pub(crate) fn resolved(mut self, world: &World, ctx: &Ctx) -> Self {
        let image = self.version.data.image();
        if let Some(resolved) = image.and_then(|image| world.resolve_image(ctx.account, &ctx.region, image)) {
            self.version.data.0.set("ImageId", &resolved);
        }
        self
    }

    /// The members of `LaunchTemplateVersion`.
    pub(crate) fn write(&self, xml: &mut Xml) {
        xml.text("launchTemplateId", &self.template_id);
        xml.text("launchTemplateName", &self.template_name);
        xml.value("versionNumber", self.version.number);
        xml.optional("versionDescription", self.version.description.as_ref());
        xml.time("createTime", self.version.created_at);
        xml.text("createdBy", &self.version.created_by);
        xml.value("defaultVersion", self.is_default);
        xml.element("launchTemplateData", |xml| write_template_data(xml, &self.version.data.0));
    }
}
