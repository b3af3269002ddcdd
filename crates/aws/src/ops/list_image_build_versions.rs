use amictl_cloud::ops::{ImageBuild, ListImageBuildVersionsReply};
use aws_sdk_imagebuilder::types::ImageSummary;

super::over_sdk!(
    ListImageBuildVersions,
    |clients, request| clients
        .imagebuilder()
        .list_image_build_versions()
        .image_version_arn(&request.version_arn)
        .max_results(25)
        .set_next_token(request.next_token.clone()),
    |output| {
        let builds = output.image_summary_list.unwrap_or_default().into_iter().map(build);
        Ok(ListImageBuildVersionsReply { builds: builds.collect(), next_token: output.next_token })
    }
);

fn build(summary: ImageSummary) -> ImageBuild {
    let status = summary.state.and_then(|state| state.status);
    let amis = summary.output_resources.and_then(|resources| resources.amis).unwrap_or_default();
    ImageBuild {
        arn: summary.arn.unwrap_or_default(),
        status: status.map_or_else(String::new, |status| status.as_str().to_owned()),
        amis: amis.into_iter().filter_map(|ami| Some((ami.region.unwrap_or_default(), ami.image?))).collect(),
    }
}
