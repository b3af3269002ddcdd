//! Where S3 is, as the AWS CLI would have it.

use amictl_model::Region;
use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use super::BucketError;

/// The endpoint in place of AWS's, if one is set: on the command line, for S3 alone (`AWS_ENDPOINT_URL_S3`), or for all services.
pub(crate) fn custom_endpoint(config: &SdkConfig) -> Option<String> {
    let of_all = config.endpoint_url().map(ToOwned::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return of_all;
    }
    let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_s3 = config.service_config().zip(key.ok()).and_then(|(service, key)| service.load_config(key));
    of_s3.or(of_all)
}

/// The URL of a bucket; for an endpoint that is not AWS's the bucket stands in the path.
pub(super) async fn of_bucket(config: &SdkConfig, name: &str, region: &Region) -> Result<String, BucketError> {
    let custom = custom_endpoint(config);
    let fail = |error: String| BucketError(format!("no endpoint for bucket {name} in {region}: {error}"));
    let params = Params::builder()
        .bucket(name)
        .region(region.as_str())
        .use_fips(config.use_fips().unwrap_or(false))
        .use_dual_stack(config.use_dual_stack().unwrap_or(false))
        .force_path_style(custom.is_some())
        .set_endpoint(custom)
        .build()
        .map_err(|error| fail(error.to_string()))?;
    let resolver = DefaultResolver::new();
    let endpoint = resolver.resolve_endpoint(&params).await.map_err(|error| fail(error.to_string()))?;
    Ok(endpoint.url().to_owned())
}
