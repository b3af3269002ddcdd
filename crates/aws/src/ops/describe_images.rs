use std::collections::BTreeMap;

use amictl_cloud::ops::{DescribeImagesReply, DescribeImagesRequest};
use amictl_model::ImageId;
use aws_sdk_ec2::types::{Filter, Image};

use crate::convert;

fn filters(request: &DescribeImagesRequest) -> Option<Vec<Filter>> {
    let ids = request.images.iter().map(ToString::to_string).collect();
    let kinds = request.only_instance_store.then(|| "instance-store".to_owned()).into_iter().collect();
    let states = request.only_pending.then(|| "pending".to_owned()).into_iter().collect();
    let filters: Vec<Filter> = [
        ("image-id", ids),
        ("name", request.names.clone()),
        ("source-instance-id", request.instances.clone()),
        ("block-device-mapping.snapshot-id", request.snapshots.iter().map(ToString::to_string).collect()),
        ("root-device-type", kinds),
        ("state", states),
    ]
    .into_iter()
    .filter(|(_, values)| !values.is_empty())
    .map(|(name, values)| Filter::builder().name(name).set_values(Some(values)).build())
    .collect();
    (!filters.is_empty()).then_some(filters)
}

/// Why images are in the state that they are in, where AWS says so.
fn reasons(images: &[Image]) -> BTreeMap<ImageId, String> {
    let reason = |image: &Image| {
        let reason = image.state_reason.as_ref()?;
        let message = reason.message.clone().or_else(|| reason.code.clone())?;
        Some((image.image_id.as_deref()?.parse().ok()?, message))
    };
    images.iter().filter_map(reason).collect()
}

/// What AWS Marketplace knows them by.
fn product_codes(images: &[Image]) -> BTreeMap<ImageId, Vec<String>> {
    let codes = |image: &Image| {
        let codes: Vec<String> =
            image.product_codes.iter().flatten().filter_map(|code| code.product_code_id.clone()).collect();
        if codes.is_empty() { None } else { Some((image.image_id.as_deref()?.parse().ok()?, codes)) }
    };
    images.iter().filter_map(codes).collect()
}

super::over_sdk!(
    DescribeImages,
    |clients, request| clients
        .ec2()
        .describe_images()
        .set_owners(Some(request.owners()).filter(|owners| !owners.is_empty()))
        .include_deprecated(request.includes_deprecated())
        .include_disabled(true)
        .max_results(1000)
        .set_next_token(request.next_token.clone())
        .set_filters(filters(request)),
    |output| {
        let images = output.images.unwrap_or_default();
        Ok(DescribeImagesReply {
            reasons: reasons(&images),
            product_codes: product_codes(&images),
            images: images.into_iter().map(|image| convert::image(OPERATION, image)).collect::<Result<_, _>>()?,
            next_token: output.next_token,
        })
    }
);
