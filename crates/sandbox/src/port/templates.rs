//! The port's operations on launch templates.

use amictl_cloud::ops::{
    DescribeLaunchTemplateVersions, DescribeLaunchTemplateVersionsReply, DescribeLaunchTemplateVersionsRequest,
    DescribeLaunchTemplates, DescribeLaunchTemplatesReply, DescribeLaunchTemplatesRequest, LaunchTemplate,
    LaunchTemplateVersion,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::ops::templates::{describe_template_versions, describe_templates, template_lookup};

impl Call<DescribeLaunchTemplates> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeLaunchTemplatesRequest,
    ) -> BoxFuture<'a, Result<DescribeLaunchTemplatesReply, CloudError>> {
        async move {
            let input = || describe_templates::DescribeLaunchTemplatesInput {
                include_managed: true,
                limit: Some(200),
                token: request.next_token.clone(),
                ..describe_templates::DescribeLaunchTemplatesInput::default()
            };
            let output = self.run::<describe_templates::DescribeLaunchTemplates>(region, input).await?;
            let shown = output.templates.iter().map(|template| LaunchTemplate {
                id: template.id.to_string(),
                name: template.name.to_string(),
                default_version: template.default_version,
                latest_version: template.latest_version,
            });
            Ok(DescribeLaunchTemplatesReply { templates: shown.collect(), next_token: output.next_token })
        }
        .boxed()
    }
}

impl Call<DescribeLaunchTemplateVersions> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeLaunchTemplateVersionsRequest,
    ) -> BoxFuture<'a, Result<DescribeLaunchTemplateVersionsReply, CloudError>> {
        async move {
            let input = || {
                let id = request.template_id.as_deref().map(|id| template_lookup::TemplateName::Id(id.into()));
                let name =
                    request.template_name.as_deref().map(|name| template_lookup::TemplateName::Name(name.into()));
                describe_template_versions::DescribeLaunchTemplateVersionsInput {
                    template: id.or(name),
                    versions: request.versions.clone(),
                    resolve_alias: request.resolve_alias,
                    include_managed: true,
                    limit: Some(200),
                    token: request.next_token.clone(),
                    ..describe_template_versions::DescribeLaunchTemplateVersionsInput::default()
                }
            };
            let output = self.run::<describe_template_versions::DescribeLaunchTemplateVersions>(region, input).await?;
            let shown = output.versions.iter().map(|shown| LaunchTemplateVersion {
                template_id: shown.template_id.to_string(),
                template_name: shown.template_name.to_string(),
                number: shown.version.number,
                default: shown.is_default,
                image: shown.version.data.image().map(str::to_owned),
                snapshots: shown.version.data.snapshots(),
            });
            Ok(DescribeLaunchTemplateVersionsReply { versions: shown.collect(), next_token: output.next_token })
        }
        .boxed()
    }
}
