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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn buckets_are_where_the_aws_cli_finds_them() {
        let plain = || SdkConfig::builder();
        for (config, name, region, url) in [
            (plain(), "states", "us-east-1", "https://states.s3.us-east-1.amazonaws.com"),
            (plain(), "states", "cn-north-1", "https://states.s3.cn-north-1.amazonaws.com.cn"),
            // A certificate for *.s3 does not cover a name with dots.
            (plain(), "my.states", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/my.states"),
            (plain().use_fips(true), "states", "us-east-2", "https://states.s3-fips.us-east-2.amazonaws.com"),
            (
                plain().use_dual_stack(true),
                "states",
                "us-west-2",
                "https://states.s3.dualstack.us-west-2.amazonaws.com",
            ),
            (plain().endpoint_url("http://127.0.0.1:5000"), "states", "us-east-1", "http://127.0.0.1:5000/states"),
            (
                plain().endpoint_url("https://minio.example"),
                "my.states",
                "us-east-1",
                "https://minio.example/my.states",
            ),
        ] {
            let region = region.parse().unwrap();
            assert_eq!(of_bucket(&config.build(), name, &region).await.unwrap(), url);
        }
    }
}
