use aws_sdk_ec2::types::RequestLaunchTemplateData;

use crate::convert::garbled;

super::over_sdk!(
    CreateLaunchTemplateVersion,
    |clients, request| clients
        .ec2()
        .create_launch_template_version()
        .launch_template_id(&request.template_id)
        .source_version(request.source_version.to_string())
        .set_version_description(request.description.clone())
        .launch_template_data(RequestLaunchTemplateData::builder().image_id(&request.image).build())
        .client_token(&request.client_token),
    |output| {
        let number = output.launch_template_version.and_then(|version| version.version_number);
        let number = number.and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| garbled(OPERATION, "VersionNumber is missing"))
    }
);
