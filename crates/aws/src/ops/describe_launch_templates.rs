use amictl_cloud::ops::{DescribeLaunchTemplatesReply, LaunchTemplate};

use crate::convert::garbled;

super::over_sdk!(
    DescribeLaunchTemplates,
    |clients, request| clients
        .ec2()
        .describe_launch_templates()
        .include_managed_resources(true)
        .max_results(200)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeLaunchTemplatesReply {
        templates: output
            .launch_templates
            .unwrap_or_default()
            .into_iter()
            .map(|template| {
                let version = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
                Ok(LaunchTemplate {
                    id: template.launch_template_id.ok_or_else(|| garbled(OPERATION, "LaunchTemplateId is missing"))?,
                    name: template.launch_template_name.unwrap_or_default(),
                    default_version: version(template.default_version_number),
                    latest_version: version(template.latest_version_number),
                })
            })
            .collect::<Result<_, amictl_cloud::CloudError>>()?,
        next_token: output.next_token,
    })
);
