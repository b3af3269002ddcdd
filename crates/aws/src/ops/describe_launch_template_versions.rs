use amictl_cloud::ops::{DescribeLaunchTemplateVersionsReply, LaunchTemplateVersion};

use super::launchers::filled;
use crate::convert::garbled;

super::over_sdk!(
    DescribeLaunchTemplateVersions,
    |clients, request| clients
        .ec2()
        .describe_launch_template_versions()
        .set_launch_template_id(request.template_id.clone())
        .set_launch_template_name(request.template_name.clone())
        .set_versions((!request.versions.is_empty()).then(|| request.versions.clone()))
        .set_resolve_alias(request.resolve_alias.then_some(true))
        .include_managed_resources(true)
        .max_results(200)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeLaunchTemplateVersionsReply {
        versions: output
            .launch_template_versions
            .unwrap_or_default()
            .into_iter()
            .map(|version| {
                let data = version.launch_template_data;
                let (image, mappings) = data.map_or((None, None), |data| (data.image_id, data.block_device_mappings));
                let number = version.version_number.and_then(|number| u64::try_from(number).ok());
                Ok(LaunchTemplateVersion {
                    template_id: version.launch_template_id.unwrap_or_default(),
                    template_name: version.launch_template_name.unwrap_or_default(),
                    number: number.ok_or_else(|| garbled(OPERATION, "VersionNumber is missing"))?,
                    default: version.default_version.unwrap_or(false),
                    image: filled(image),
                    snapshots: mappings
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|mapping| filled(mapping.ebs?.snapshot_id))
                        .collect(),
                })
            })
            .collect::<Result<_, amictl_cloud::CloudError>>()?,
        next_token: output.next_token,
    })
);
