//! The port's operations on images.

use std::sync::Arc;

use amictl_cloud::ops::{
    DeregisterImage, DeregisterImageReply, DeregisterImageRequest, DescribeImages, DescribeImagesReply,
    DescribeImagesRequest, DescribeLaunchPermissions, DescribeLaunchPermissionsRequest, DisableImage,
    DisableImageDeprecation, DisableImageDeprecationRequest, DisableImageRequest, EnableImage, EnableImageDeprecation,
    EnableImageDeprecationRequest, EnableImageRequest, ModifyLaunchPermissions, ModifyLaunchPermissionsRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{
    BlockDevice, DeregistrationProtection, Grantee, Image, ImageId, LaunchPermissions, Moment, Platform, Region,
    RootDeviceType,
};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::filter::Filters;
use crate::ops::images::{
    deregister_image, describe_images, disable_image, enable_image, image_attribute, image_deprecation,
    modify_image_attribute,
};
use crate::world;

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

impl Call<DescribeImages> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DescribeImagesRequest) -> Answer<'a, DescribeImagesReply> {
        async move {
            let input = || describe_images::DescribeImagesInput {
                owners: request.owners(),
                include_deprecated: request.includes_deprecated(),
                include_disabled: true,
                filters: filters(&request),
                limit: Some(1000),
                token: request.next_token.clone(),
                ..describe_images::DescribeImagesInput::default()
            };
            let output = self.run::<describe_images::DescribeImages>(region, input).await?;
            let now = output.now;
            let reason =
                |image: &Arc<world::Image>| Some((image.id.clone(), image.state_reason(now)?.message.to_string()));
            let codes = |image: &Arc<world::Image>| {
                let codes: Vec<String> = image.product_codes().iter().map(|code| code.id.to_string()).collect();
                (!codes.is_empty()).then(|| (image.id.clone(), codes))
            };
            Ok(DescribeImagesReply {
                product_codes: output.images.iter().filter_map(codes).collect(),
                reasons: output.images.iter().filter_map(reason).collect(),
                images: output.images.iter().map(|image| shown(image, now)).collect(),
                next_token: output.next_token,
            })
        }
        .boxed()
    }
}

fn filters(request: &DescribeImagesRequest) -> Filters {
    let ids = request.images.iter().map(ImageId::to_string).collect();
    let kinds = request.only_instance_store.then(|| "instance-store".to_owned()).into_iter().collect();
    let states = request.only_pending.then(|| "pending".to_owned()).into_iter().collect();
    Filters::all([
        ("image-id", ids),
        ("name", request.names.clone()),
        ("source-instance-id", request.instances.clone()),
        ("block-device-mapping.snapshot-id", request.snapshots.iter().map(ToString::to_string).collect()),
        ("root-device-type", kinds),
        ("state", states),
    ])
}

/// An image as its owner sees it.
fn shown(image: &world::Image, now: Moment) -> Image {
    let is_bundle = image.traits.root_device_type == RootDeviceType::InstanceStore;
    Image {
        id: image.id.clone(),
        name: Arc::clone(&image.name),
        owner: image.owner,
        state: image.state_at(now),
        public: image.is_public(),
        root_device_type: image.traits.root_device_type,
        created_at: Some(image.created_at),
        deprecation_at: image.deprecation(),
        last_launched_at: image.launches.shown(now),
        protection: DeregistrationProtection::from_wire(&image.protection.wire(now)),
        description: image.description.clone(),
        location: is_bundle.then(|| image.location().into()),
        architecture: image.traits.architecture.clone(),
        platform_details: Platform::from_wire(image.platform_details()),
        source_image: image.source_image.as_ref().map(|id| id.as_str().into()),
        block_devices: image.mappings.iter().map(shown_device).collect(),
        tags: image.tags.clone(),
        launch_permissions: LaunchPermissions::Unread,
    }
}

fn shown_device(mapping: &world::Mapping) -> BlockDevice {
    let ebs = mapping.ebs.as_ref();
    BlockDevice {
        device_name: mapping.device_name.as_str().into(),
        snapshot: ebs.and_then(|ebs| ebs.snapshot.clone()),
        size_gib: ebs.and_then(|ebs| ebs.size_gib),
        encrypted: ebs.is_some_and(|ebs| ebs.encrypted),
    }
}

impl Call<DescribeLaunchPermissions> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DescribeLaunchPermissionsRequest) -> Answer<'a, Vec<Grantee>> {
        async move {
            let input = || image_attribute::DescribeImageAttributeInput {
                image: request.image.clone(),
                attribute: "launchPermission".to_owned(),
            };
            match self.run::<image_attribute::DescribeImageAttribute>(region, input).await?.attribute {
                image_attribute::Attribute::LaunchPermission(grantees) => Ok(grantees),
                image_attribute::Attribute::ProductCodes(_) | image_attribute::Attribute::Value(..) => Ok(Vec::new()),
            }
        }
        .boxed()
    }
}

impl Call<ModifyLaunchPermissions> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ModifyLaunchPermissionsRequest) -> Answer<'a, ()> {
        async move {
            let input = || modify_image_attribute::ModifyImageAttributeInput {
                image: request.image.clone(),
                change: modify_image_attribute::Change::Permissions {
                    add: request.add.clone(),
                    remove: request.remove.clone(),
                },
            };
            self.run::<modify_image_attribute::ModifyImageAttribute>(region, input).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<DisableImage> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DisableImageRequest) -> Answer<'a, ()> {
        async move { self.run::<disable_image::DisableImage>(region, || request.image.clone()).await.map(|_| ()) }
            .boxed()
    }
}

impl Call<EnableImage> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: EnableImageRequest) -> Answer<'a, ()> {
        async move { self.run::<enable_image::EnableImage>(region, || request.image.clone()).await.map(|_| ()) }.boxed()
    }
}

impl Call<EnableImageDeprecation> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: EnableImageDeprecationRequest) -> Answer<'a, ()> {
        async move {
            let input =
                || image_deprecation::EnableImageDeprecationInput { image: request.image.clone(), at: request.at };
            self.run::<image_deprecation::EnableImageDeprecation>(region, input).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<DisableImageDeprecation> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DisableImageDeprecationRequest) -> Answer<'a, ()> {
        async move {
            let input = || request.image.clone();
            self.run::<image_deprecation::DisableImageDeprecation>(region, input).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<DeregisterImage> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DeregisterImageRequest) -> Answer<'a, DeregisterImageReply> {
        async move {
            let input = || deregister_image::DeregisterImageInput {
                image: request.image.clone(),
                delete_snapshots: request.delete_snapshots,
            };
            let output = self.run::<deregister_image::DeregisterImage>(region, input).await?;
            Ok(DeregisterImageReply { snapshots: output.snapshots })
        }
        .boxed()
    }
}
