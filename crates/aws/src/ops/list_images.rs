use amictl_cloud::ops::ListImagesReply;
use aws_sdk_imagebuilder::types::Ownership;

super::over_sdk!(
    ListImages,
    |clients, request| clients
        .imagebuilder()
        .list_images()
        .owner(if request.shared { Ownership::Shared } else { Ownership::SelfValue })
        .max_results(25)
        .set_next_token(request.next_token.clone()),
    |output| {
        let versions = output.image_version_list.unwrap_or_default().into_iter();
        Ok(ListImagesReply {
            arns: versions.filter_map(|version| version.arn).collect(),
            next_token: output.next_token,
        })
    }
);
